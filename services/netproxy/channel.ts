/** Bytes, with when they came, in ms. */
export interface Chunk {
  readonly data: Buffer;
  readonly atMs: number;
}

/** How a stream ends: `half` as its sender ended it, while answers may go on; `close` and `reset` end the connection. */
export type Ending = 'half' | 'close' | 'reset';

/** What flows through a link. */
export type Item = Chunk | { readonly end: Ending };

/** A queue between one writer and one reader. It takes whatever is pushed; a writer that minds asks whether it is full. */
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

  /** The next item, if there is one. */
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

  /** Calls the reader once, when there is an item; forgets who waited before. */
  whenItem(go: () => void): void {
    this.#reader = go;
  }

  /** Calls the writer once, when there is room; forgets who waited before. */
  whenRoom(go: () => void): void {
    this.#writer = go;
  }
}

const sizeOf = (item: Item): number => ('data' in item ? item.data.length : 0);
