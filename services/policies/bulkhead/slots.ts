type Report = (inUse: number, queued: number) => void;

/**
 * First-in, first-out queue. Joining, serving and leaving from the middle take constant time. All items must be
 * distinct.
 */
export class Queue<T> {
  readonly #items = new Set<T>();
  /** Iterator that always stands before the first item, since each item that it returns is deleted. */
  readonly #first = this.#items.values();

  get length(): number {
    return this.#items.size;
  }

  join(item: T): void {
    this.#items.add(item);
  }

  serve(): T | undefined {
    if (this.#items.size === 0) return undefined; // an exhausted iterator would miss later items
    const item = this.#first.next().value!;
    this.#items.delete(item);
    return item;
  }

  leave(item: T): void {
    this.#items.delete(item);
  }
}

/**
 * Slots of a bulkhead, and the queue for them. They outlive the bulkhead's configuration: a bulkhead that replaces
 * another one adopts its slots, so that calls in progress still count.
 */
export class Slots {
  readonly queue = new Queue<() => void>();
  limit = 0;
  /** Number of slots in use. It exceeds `limit` for a while after `limit` was lowered. */
  inUse = 0;
  #report: Report = () => undefined;

  /** Sets the number of slots, and hands additional slots to waiters. From now on, `report` receives the changes. */
  configure(limit: number, report: Report): void {
    this.limit = limit;
    this.#report = report;
    this.#serve();
  }

  /** Takes a slot. Returns false if all slots are in use. */
  take(): boolean {
    if (this.inUse >= this.limit) return false;
    this.inUse += 1;
    this.report();
    return true;
  }

  /** Frees a slot and hands it to the first waiter, so that no new call can take it before. */
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

/** Returns a function that returns the slots of a key. It creates them on their first use. */
export function slotsByKey(): (key: string) => Slots {
  const byKey = new Map<string, Slots>();
  return (key) => {
    const slots = byKey.get(key) ?? new Slots();
    byKey.set(key, slots);
    return slots;
  };
}
