import type { Clock, Timer } from '#kit/clock.ts';
import type { Metrics } from '#kit/metrics.ts';

/** Follows attempts in progress: sleeps that are counted, can be abandoned and can be awaited. */
export function workingOf(metrics: Metrics, clock: Clock) {
  const excess = metrics.histogram('spillway_sleep_excess_seconds');
  const modelled = metrics.counter('spillway_modelled_sleep_seconds_total');
  // Counted rather than kept in a Set, whose outgrown tables would keep work past the garbage collector's first rounds.
  let size = 0;
  let peak = 0;
  let drained = () => {};
  metrics.gauge('spillway_work_in_flight', () => size);
  metrics.gauge('spillway_work_in_flight_peak', () => peak);
  const end = () => {
    size -= 1;
    if (size === 0) drained();
  };
  return {
    get size(): number {
      return size;
    },
    /** Calls `finish` after `ms`, unless it is abandoned earlier; in flight until then. */
    start(ms: number, finish: () => void): Timer {
      const startedAtMs = clock.now();
      modelled.inc(ms / 1000);
      size += 1;
      peak = Math.max(peak, size);
      return clock.after(ms, () => {
        excess.observe(Math.max(0, clock.now() - startedAtMs - ms) / 1000);
        end();
        finish();
      });
    },
    /** Ends an attempt that has not finished. */
    abandon(timer: Timer): void {
      clock.cancel(timer);
      end();
    },
    /** Restarts the peak at the attempts in progress. */
    resetPeak(): void {
      peak = size;
    },
    async idle(): Promise<void> {
      if (size === 0) return;
      await new Promise<void>((resolve) => {
        drained = resolve;
      });
    },
  };
}
