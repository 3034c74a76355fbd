import type { Clock, Timer } from '#kit/clock.ts';
import type { Metrics } from '#kit/metrics.ts';

/** Attempts in progress: sleeps that are counted, can be abandoned and can be awaited. */
export class Working {
  readonly #clock: Clock;
  readonly #excess;
  readonly #modelled;
  // Counted rather than kept in a Set, whose outgrown tables would keep work past the garbage collector's first rounds.
  #size = 0;
  #peak = 0;
  #drained: () => void = () => undefined;

  constructor(metrics: Metrics, clock: Clock) {
    this.#clock = clock;
    this.#excess = metrics.histogram('spillway_sleep_excess_seconds');
    this.#modelled = metrics.counter('spillway_modelled_sleep_seconds_total');
    metrics.gauge('spillway_work_in_flight', () => this.#size);
    metrics.gauge('spillway_work_in_flight_peak', () => this.#peak);
  }

  get size(): number {
    return this.#size;
  }

  /** Calls `finish` after `ms`, unless it is abandoned earlier; in flight until then. */
  start(ms: number, finish: () => void): Timer {
    const startedAtMs = this.#clock.now();
    this.#modelled.inc(ms / 1000);
    this.#size += 1;
    this.#peak = Math.max(this.#peak, this.#size);
    return this.#clock.after(ms, () => {
      this.#excess.observe(Math.max(0, this.#clock.now() - startedAtMs - ms) / 1000);
      this.#end();
      finish();
    });
  }

  /** Restarts the peak at the attempts in progress. */
  resetPeak(): void {
    this.#peak = this.#size;
  }

  /** Ends an attempt that has not finished. */
  abandon(timer: Timer): void {
    this.#clock.cancel(timer);
    this.#end();
  }

  async idle(): Promise<void> {
    if (this.#size === 0) return;
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
  }

  #end(): void {
    this.#size -= 1;
    if (this.#size === 0) this.#drained();
  }
}
