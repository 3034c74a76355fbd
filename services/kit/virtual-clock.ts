import type { Clock } from './clock.ts';

interface Entry {
  readonly atMs: number;
  callback: (() => void) | undefined;
}

/** Clock that moves only by its methods, for tests and predictions. */
export class VirtualClock implements Clock {
  #nowMs = 0;
  #pending: Entry[] = []; // latest first, so that the next one is popped off the end

  get pending(): number {
    return this.#pending.filter((entry) => entry.callback).length;
  }

  now(): number {
    return this.#nowMs;
  }

  after(ms: number, callback: () => void): Entry {
    const entry = { atMs: this.#nowMs + Math.max(0, ms), callback };
    let low = 0;
    let high = this.#pending.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#pending[middle]!.atMs > entry.atMs) low = middle + 1;
      else high = middle;
    }
    this.#pending.splice(low, 0, entry);
    return entry;
  }

  cancel(timer: unknown): void {
    if (timer) (timer as Entry).callback = undefined;
  }

  /** Moves time forward by `ms`, runs due callbacks, and lets promises settle in between. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await settle();
    while ((this.#pending.at(-1)?.atMs ?? Number.POSITIVE_INFINITY) <= untilMs) await this.#step();
    this.#nowMs = untilMs;
  }

  async run(): Promise<void> {
    await settle();
    while (this.#pending.length > 0) await this.#step();
  }

  async #step(): Promise<void> {
    const entry = this.#pending.pop();
    if (!entry?.callback) return;
    this.#nowMs = entry.atMs;
    entry.callback();
    await settle();
  }
}

/** Runs after every promise that can settle by itself has, and costs less than a macrotask. */
const settle = (): Promise<void> => new Promise((resolve) => process.nextTick(resolve));
