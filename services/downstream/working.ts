import type { Clock, Timer } from '#kit/clock.ts';
import type { Metrics } from '#kit/metrics.ts';

interface Job {
  readonly timer: Timer;
  ended: boolean;
}

/** Attempts in progress: sleeps that are counted, can be abandoned and can be awaited. */
export class Working {
  readonly #clock: Clock;
  readonly #excess;
  readonly #modelled;
  // Counted rather than kept in a Set, whose outgrown tables would keep jobs past the garbage collector's first rounds.
  #size = 0;
  #peak = 0;
  #drained: () => void = () => undefined;

  constructor(metrics: Metrics, clock: Clock) {
    this.#clock = clock;
    this.#excess = metrics.histogram('spillway_sleep_excess_seconds');
    this.#modelled = metrics.counter('spillway_modelled_sleep_seconds_total');
    const inFlight = metrics.gauge('spillway_work_in_flight', () => {
      inFlight.set(this.#size);
    });
    const peak = metrics.gauge('spillway_work_in_flight_peak', () => {
      peak.set(this.#peak);
    });
  }

  get size(): number {
    return this.#size;
  }

  /** Calls `finish` after `ms`; in flight until then. */
  start(ms: number, finish: () => void): Job {
    const startedAtMs = this.#clock.now();
    this.#modelled.inc(ms / 1000);
    this.#size += 1;
    this.#peak = Math.max(this.#peak, this.#size);
    const job = {
      ended: false,
      timer: this.#clock.after(ms, () => {
        this.#excess.observe(Math.max(0, this.#clock.now() - startedAtMs - ms) / 1000);
        this.#end(job);
        finish();
      }),
    };
    return job;
  }

  /** Restarts the peak at the attempts in progress. */
  resetPeak(): void {
    this.#peak = this.#size;
  }

  /** Ends a job without its result; a no-op if it has ended. */
  abandon(job: Job): void {
    this.#clock.cancel(job.timer);
    this.#end(job);
  }

  async idle(): Promise<void> {
    if (this.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
  }

  #end(job: Job): void {
    if (job.ended) return;
    job.ended = true;
    this.#size -= 1;
    if (this.#size === 0) this.#drained();
  }
}
