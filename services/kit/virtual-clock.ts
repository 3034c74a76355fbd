import type { Clock } from './clock.ts';
import { inTurns } from './turns.ts';

interface Entry {
  readonly atMs: number;
  /** Number of this entry. Entries with equal times run in this order. */
  readonly order: number;
  callback: (() => void) | undefined;
}

/** Largest number of callbacks at one time. */
const callbacksAtOnceMax = 1_000_000;

/** Thrown when virtual time can't go on: no callback is left while something is awaited. */
export class StandstillError extends Error {
  constructor(
    atMs: number,
    reason = ': something waits for what never happens, such as a promise that nothing settles',
  ) {
    super(`virtual time stands still at ${atMs / 1000} s${reason}`);
  }
}

/** Thrown when the callbacks at one time don't end. */
export class EndlessError extends StandstillError {
  constructor(atMs: number) {
    super(
      atMs,
      ` after ${callbacksAtOnceMax} steps: something is repeated without a delay, such as a backoff of 0`,
    );
  }
}

/** Clock that moves only by its methods, for tests and simulations. */
export class VirtualClock implements Clock {
  #nowMs = 0;
  #count = 0;
  /** Number of callbacks that have run at the current time. */
  #atOnce = 0;
  /** Binary heap, the next entry first. */
  readonly #heap: Entry[] = [];
  /** Unfinished work in real time; virtual time stands still meanwhile. */
  readonly #held = new Set<Promise<unknown>>();

  get pending(): number {
    return this.#heap.filter((entry) => entry.callback).length;
  }

  now(): number {
    return this.#nowMs;
  }

  /**
   * Calls `callback` once after `ms`, without rounding. Callbacks of equal times run in the order of the calls to
   * `after`. A delay above 0 always moves time, even if it is below the precision of a number.
   */
  after(ms: number, callback: () => void): Entry {
    const atMs = ms > 0 ? Math.max(this.#nowMs + ms, this.#nowMs * (1 + Number.EPSILON)) : this.#nowMs;
    const entry = { atMs, order: this.#count++, callback };
    const heap = this.#heap;
    let at = heap.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!isBefore(entry, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = entry;
    return entry;
  }

  cancel(timer: unknown): void {
    if (timer) (timer as Entry).callback = undefined;
  }

  /** Returns the virtual time as a wall-clock time. Time 0 is the start of 1970. */
  wallTime(): Date {
    return new Date(this.#nowMs);
  }

  /** Moves time forward by `ms` and runs the due callbacks. Promises settle between callbacks. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms;
    await this.#drive(() => (this.#heap[0]?.atMs ?? Number.POSITIVE_INFINITY) > untilMs);
    this.#nowMs = untilMs;
  }

  async run(): Promise<void> {
    await this.#drive(() => this.#heap.length === 0);
  }

  /**
   * Moves time until the promise settles, and settles like it. Rejects with StandstillError if no callback is left before
   * that.
   */
  async runUntil<T>(promise: Promise<T>): Promise<T> {
    let isOver = false;
    const over = () => {
      isOver = true;
    };
    promise.then(over, over);
    await this.#drive(() => isOver || this.#heap.length === 0);
    if (!isOver) throw new StandstillError(this.#nowMs);
    return promise;
  }

  /** Stops virtual time until the promise settles, for work that takes real time, such as reading a file. */
  hold<T>(work: Promise<T>): Promise<T> {
    const ended: Promise<unknown> = work.then(
      () => this.#held.delete(ended),
      () => this.#held.delete(ended),
    );
    this.#held.add(ended);
    return work;
  }

  async #drive(isOver: () => boolean): Promise<void> {
    do {
      await Promise.all(this.#held);
      await inTurns(() => this.#held.size === 0 && this.#runNext(isOver));
    } while (this.#held.size > 0);
  }

  /** Runs the next callback that is not cancelled. Returns false if there is none before virtual time is over. */
  #runNext(isOver: () => boolean): boolean {
    while (!isOver()) {
      const { callback, atMs } = this.#pop();
      if (!callback) continue;
      this.#atOnce = atMs === this.#nowMs ? this.#atOnce + 1 : 1;
      if (this.#atOnce > callbacksAtOnceMax) throw new EndlessError(atMs);
      this.#nowMs = atMs;
      callback();
      return true;
    }
    return false;
  }

  #pop(): Entry {
    const heap = this.#heap;
    const first = heap[0]!;
    const last = heap.pop()!;
    const { length } = heap;
    if (length === 0) return first;
    let at = 0;
    for (let child = 1; child < length; child = 2 * at + 1) {
      if (child + 1 < length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }
}

const isBefore = (a: Entry, b: Entry): boolean => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
