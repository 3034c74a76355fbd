type Report = (inUse: number, queued: number) => void;

interface Place<T> {
  readonly item: T;
  before: Place<T> | undefined;
  after: Place<T> | undefined;
  isTaken: boolean;
}

/**
 * First-in, first-out queue. Joining, serving and leaving from the middle take constant time. A Set would discard its
 * table again and again, and hash each item.
 */
export class Queue<T> {
  #first: Place<T> | undefined;
  #last: Place<T> | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  join(item: T): Place<T> {
    const place: Place<T> = { item, before: this.#last, after: undefined, isTaken: true };
    if (this.#last) this.#last.after = place;
    else this.#first = place;
    this.#last = place;
    this.#length += 1;
    return place;
  }

  serve(): T | undefined {
    const first = this.#first;
    if (first) this.leave(first);
    return first?.item;
  }

  /** Removes an item from its place. Does nothing if it was served or has left. */
  leave(place: Place<T>): void {
    if (!place.isTaken) return;
    const { before, after } = place;
    if (before) before.after = after;
    else this.#first = after;
    if (after) after.before = before;
    else this.#last = before;
    // Without its links, an old place keeps no later one alive through minor garbage collections.
    place.before = undefined;
    place.after = undefined;
    place.isTaken = false;
    this.#length -= 1;
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
