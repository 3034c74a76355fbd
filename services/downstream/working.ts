import type { Clock, Timer } from '#kit/clock.ts';
import type { Metrics } from '#kit/metrics.ts';

/** An attempt that is worked on. */
export interface Job {
  readonly timer: Timer;
  ended: boolean;
}

/** The attempts that are worked on: sleeps that are counted, can be given up, and can be waited for. */
export class Working {
  readonly #clock: Clock;
  readonly #excess;
  readonly #modelled;
  // Counted rather than kept in a Set: its outgrown tables would keep all that hangs on a job past the garbage collector's first rounds.
  #size = 0;
  #peak = 0;
  #drained: () => void = () => undefined;

  constructor(metrics: Metrics, clock: Clock) {
    this.#clock = clock;
    this.#excess = metrics.histogram('spillway_sleep_excess_seconds');
    this.#modelled = metrics.counter('spillway_modelled_sleep_seconds_total');
    const size = () => this.#size;
    metrics.gauge('spillway_work_in_flight', function () {
      this.set(size());
    });
    const peak = () => this.#peak;
    metrics.gauge('spillway_work_in_flight_peak', function () {
      this.set(peak());
    });
  }

  get size(): number {
    return this.#size;
  }

  /** Works for `ms`, then calls `done`; in flight until then. */
  start(ms: number, done: () => void): Job {
    const startedAtMs = this.#clock.now();
    this.#modelled.inc(ms / 1000);
    this.#size += 1;
    this.#peak = Math.max(this.#peak, this.#size);
    const job = {
      ended: false,
      timer: this.#clock.after(ms, () => {
        this.#excess.observe(Math.max(0, this.#clock.now() - startedAtMs - ms) / 1000);
        this.#end(job);
        done();
      }),
    };
    return job;
  }

  /** Lets the peak begin anew, with what is worked on now. */
  resetPeak(): void {
    this.#peak = this.#size;
  }

  /** Stops working; harmless when the work is done. */
  abandon(job: Job): void {
    this.#clock.cancel(job.timer);
    this.#end(job);
  }

  /** Resolves when nothing is worked on. */
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
