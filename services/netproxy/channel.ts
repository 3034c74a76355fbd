export interface Chunk {
  readonly data: Buffer;
  /** Time of arrival. */
  readonly atMs: number;
}

/** End of a stream: `half` leaves the other direction open; `close` and `reset` end the connection. */
export type Ending = 'half' | 'close' | 'reset';

export type Item = Chunk | { readonly end: Ending };

/** A queue between one writer and one reader. It also takes items when it is full. */
export class Channel {
  readonly #bytesMax: number;
  #items: Item[] = [];
  #bytes = 0;
  #reader: (() => void) | undefined;
  #writer: (() => void) | undefined;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get full(): boolean {
    return this.#bytes >= this.#bytesMax;
  }

  push(item: Item): void {
    this.#items.push(item);
    this.#bytes += sizeOf(item);
    const go = this.#reader;
    this.#reader = undefined;
    go?.();
  }

  take(): Item | undefined {
    const item = this.#items.shift();
    if (item === undefined) return undefined;
    this.#bytes -= sizeOf(item);
    if (this.full) return item;
    const go = this.#writer;
    this.#writer = undefined;
    go?.();
    return item;
  }

  /** Calls `go` once, when there is an item, in place of an earlier one. */
  whenItem(go: () => void): void {
    this.#reader = go;
  }

  /** Calls `go` once, when there is room, in place of an earlier one. */
  whenRoom(go: () => void): void {
    this.#writer = go;
  }
}

const sizeOf = (item: Item): number => ('data' in item ? item.data.length : 0);
