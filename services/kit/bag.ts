/**
 * Items in no order. Each item holds its position in the field `F`, so adding and removing take constant time.
 *
 * Use it where items come and go all the time. A Map or Set discards tables then, and each discarded table keeps its
 * items and the next table alive through minor garbage collections.
 */
export class Bag<F extends string, T extends { [field in F]?: number | undefined }> {
  readonly #field: F;
  readonly #items: T[] = [];

  constructor(field: F) {
    this.#field = field;
  }

  get size(): number {
    return this.#items.length;
  }

  add(item: T): void {
    this.#place(item, this.#items.length);
    this.#items.push(item);
  }

  /** Removes an item. Does nothing if it is not in the bag. */
  remove(item: T): void {
    const position = item[this.#field] as number | undefined;
    if (position === undefined) return;
    this.#place(item, undefined);
    const last = this.#items.pop()!;
    if (last === item) return;
    this.#items[position] = last;
    this.#place(last, position);
  }

  items(): T[] {
    return [...this.#items];
  }

  #place(item: T, position: number | undefined): void {
    (item as { [field in F]?: number | undefined })[this.#field] = position;
  }
}
