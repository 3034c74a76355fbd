import type { Clock, Timer } from './clock.ts';

/** Things by name, each until its lease is over. */
export class Leases<T> {
  readonly #clock: Clock;
  readonly #over: (name: string) => void;
  readonly #all = new Map<string, { readonly held: T; readonly endAtMs: number; readonly timer: Timer }>();

  /** `over` hears whose time is up, and lets it go. */
  constructor(clock: Clock, over: (name: string) => void) {
    this.#clock = clock;
    this.#over = over;
  }

  /** With what is left of each lease, the oldest first. */
  get all(): readonly { readonly name: string; readonly leftMs: number; readonly held: T }[] {
    const nowMs = this.#clock.now();
    return [...this.#all].map(([name, { held, endAtMs }]) => ({ name, leftMs: endAtMs - nowMs, held }));
  }

  /** Holds something, in place of what has its name. */
  hold(name: string, held: T, leaseMs: number): void {
    this.release(name);
    const endAtMs = this.#clock.now() + leaseMs;
    this.#all.set(name, { held, endAtMs, timer: this.#clock.after(leaseMs, () => this.#over(name)) });
  }

  /** Lets go of something, where there is such a thing, and returns it. */
  release(name: string): T | undefined {
    const lease = this.#all.get(name);
    this.#all.delete(name);
    this.#clock.cancel(lease?.timer);
    return lease?.held;
  }
}
