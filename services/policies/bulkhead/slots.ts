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

export class Slots {
  readonly queue = new Queue<() => void>();
  readonly limit: number;
  inUse = 0;
  readonly #report: Report;

  /** `report` receives each change. */
  constructor(limit: number, report: Report) {
    this.limit = limit;
    this.#report = report;
  }

  /** Takes a slot. Returns false if all slots are in use. */
  take(): boolean {
    if (this.inUse >= this.limit) return false;
    this.inUse += 1;
    this.report();
    return true;
  }

  /** Frees a slot, or hands it to the first waiter, so that no new call can take it before. */
  free(): void {
    const next = this.queue.serve();
    if (next) next();
    else this.inUse -= 1;
    this.report();
  }

  report(): void {
    this.#report(this.inUse, this.queue.length);
  }
}
