type Report = (inUse: number, queued: number) => void;

/** First in, first out. To join, to be served and to leave from the middle take constant time. Items must differ. */
export class Queue<T> {
  readonly #items = new Set<T>();
  /** Stays at the first item, since it moves on only to items that are served, and so deleted. */
  readonly #first = this.#items.values();

  get length(): number {
    return this.#items.size;
  }

  join(item: T): void {
    this.#items.add(item);
  }

  serve(): T | undefined {
    if (this.#items.size === 0) return undefined; // at its end an iterator ends for good
    const item = this.#first.next().value!;
    this.#items.delete(item);
    return item;
  }

  leave(item: T): void {
    this.#items.delete(item);
  }
}

/**
 * Slots of a bulkhead and the queue for them. They outlive its configuration: a bulkhead that replaces another takes them
 * over, so that the calls under way still count.
 */
export class Slots {
  readonly queue = new Queue<() => void>();
  limit = 0;
  /** More than the limit after it was lowered. */
  inUse = 0;
  #report: Report = () => undefined;

  /** Sets the number of slots; waiters get new ones at once. From now on changes go to `report`. */
  configure(limit: number, report: Report): void {
    this.limit = limit;
    this.#report = report;
    this.#serve();
  }

  /** Takes a slot. Returns false if all are in use. */
  take(): boolean {
    if (this.inUse >= this.limit) return false;
    this.inUse += 1;
    this.report();
    return true;
  }

  /** Frees a slot and hands it to the first waiter, so that no new call can slip in between. */
  free(): void {
    this.inUse -= 1;
    this.#serve();
  }

  report(): void {
    this.#report(this.inUse, this.queue.length);
  }

  #serve(): void {
    while (this.inUse < this.limit && this.queue.length > 0) {
      this.inUse += 1;
      this.queue.serve()!();
    }
    this.report();
  }
}

/** Returns a function that gives the slots of a key, always the same ones. */
export function slotsByKey(): (key: string) => Slots {
  const byKey = new Map<string, Slots>();
  return (key) => {
    const slots = byKey.get(key) ?? new Slots();
    byKey.set(key, slots);
    return slots;
  };
}
