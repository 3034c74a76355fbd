import type { Clock, Timer } from '#kit/clock.ts';
import type { Metrics } from '#kit/metrics.ts';

/** The attempts that are worked on: sleeps that are counted, can be given up, and can be waited for. */
export class Working {
  readonly #clock: Clock;
  readonly #timers = new Set<Timer>();
  readonly #excess;
  readonly #modelled;
  #drained: () => void = () => undefined;

  constructor(metrics: Metrics, clock: Clock) {
    this.#clock = clock;
    this.#excess = metrics.histogram('spillway_sleep_excess_seconds');
    this.#modelled = metrics.counter('spillway_modelled_sleep_seconds_total');
    const timers = this.#timers;
    metrics.gauge('spillway_work_in_flight', function () {
      this.set(timers.size);
    });
  }

  get size(): number {
    return this.#timers.size;
  }

  /** Works for `ms`, then calls `done`; in flight until then. */
  start(ms: number, done: () => void): Timer {
    const startedAtMs = this.#clock.now();
    this.#modelled.inc(ms / 1000);
    const timer = this.#clock.after(ms, () => {
      this.#excess.observe(Math.max(0, this.#clock.now() - startedAtMs - ms) / 1000);
      this.#end(timer);
      done();
    });
    this.#timers.add(timer);
    return timer;
  }

  /** Stops working; harmless when the work is done. */
  abandon(timer: Timer): void {
    this.#clock.cancel(timer);
    this.#end(timer);
  }

  /** Resolves when nothing is worked on. */
  async idle(): Promise<void> {
    if (this.size === 0) return;
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
    });
  }

  #end(timer: Timer): void {
    if (this.#timers.delete(timer) && this.size === 0) this.#drained();
  }
}
