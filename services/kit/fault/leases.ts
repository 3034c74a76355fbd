import type { Clock, Timer } from '#kit/clock.ts';

/** From a try to let go of something to the next one. */
const againMs = 250;

interface Lease<T> {
  readonly held: T;
  readonly endAtMs: number;
  timer: Timer;
}

/** Things by name, each until its lease is over. */
export class Leases<T> {
  readonly #clock: Clock;
  readonly #over: (name: string, held: T) => void | Promise<void>;
  readonly #failed: (error: unknown) => void;
  readonly #all = new Map<string, Lease<T>>();

  /**
   * `over` hears whose time is up, and lets it go, if by then the name is not another's; where it can't, `failed` hears of it, and it is tried again until it can
   * or somebody else has let go.
   */
  constructor(
    clock: Clock,
    over: (name: string, held: T) => void | Promise<void>,
    failed: (error: unknown) => void,
  ) {
    this.#clock = clock;
    this.#over = over;
    this.#failed = failed;
  }

  /** With what is left of each lease, 0 of one that can't be let go yet, the oldest first. */
  get all(): readonly { readonly name: string; readonly leftMs: number; readonly held: T }[] {
    const nowMs = this.#clock.now();
    return [...this.#all].map(([name, { held, endAtMs }]) => ({
      name,
      leftMs: Math.max(0, endAtMs - nowMs),
      held,
    }));
  }

  /** Holds something, in place of what has its name. */
  hold(name: string, held: T, leaseMs: number): void {
    this.release(name);
    const lease = { held, endAtMs: this.#clock.now() + leaseMs, timer: undefined };
    this.#all.set(name, lease);
    this.#endIn(leaseMs, name, lease, this.#failed);
  }

  /** Lets go of something, where there is such a thing, and returns it. */
  release(name: string): T | undefined {
    const lease = this.#all.get(name);
    this.#all.delete(name);
    this.#clock.cancel(lease?.timer);
    return lease?.held;
  }

  #endIn(ms: number, name: string, lease: Lease<T>, failed: (error: unknown) => void): void {
    lease.timer = this.#clock.after(ms, () => void this.#end(name, lease, failed));
  }

  async #end(name: string, lease: Lease<T>, failed: (error: unknown) => void): Promise<void> {
    try {
      await this.#over(name, lease.held);
    } catch (error) {
      failed(error);
      // The next failures would say the same.
      if (this.#all.get(name) === lease) this.#endIn(againMs, name, lease, () => undefined);
    }
  }
}
