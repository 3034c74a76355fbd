/** A place in a waiting line. */
export interface Place<T> {
  readonly item: T;
  ahead: Place<T> | undefined;
  behind: Place<T> | undefined;
}

/** First come, first served; joining, being served and leaving from the middle all take the same short time. */
export class Queue<T> {
  #first: Place<T> | undefined;
  #last: Place<T> | undefined;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  join(item: T): Place<T> {
    const place: Place<T> = { item, ahead: this.#last, behind: undefined };
    if (this.#last) this.#last.behind = place;
    else this.#first = place;
    this.#last = place;
    this.#length += 1;
    return place;
  }

  /** Takes out whoever has waited longest. */
  serve(): T | undefined {
    const place = this.#first;
    if (place) this.leave(place);
    return place?.item;
  }

  /** Gives up a place that is still in the line. */
  leave(place: Place<T>): void {
    const { ahead, behind } = place;
    if (ahead) ahead.behind = behind;
    else this.#first = behind;
    if (behind) behind.ahead = ahead;
    else this.#last = ahead;
    this.#length -= 1;
  }
}
