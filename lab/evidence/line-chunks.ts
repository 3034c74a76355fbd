const chunkBytes = 64 * 1024;
const lineBreak = 10;

/**
 * Collects lines of ASCII, and writes them in large pieces. `write` must be done with a piece when it returns. Encodes
 * each line at once, since minor garbage collections would copy a growing text again and again.
 */
export class LineChunks {
  readonly #write: (piece: Uint8Array) => void;
  readonly #chunk = new Uint8Array(chunkBytes);
  readonly #encoder = new TextEncoder();
  #length = 0;

  constructor(write: (piece: Uint8Array) => void) {
    this.#write = write;
  }

  /** Adds a line of less than 64 KB, given without its line break. */
  add(line: string): void {
    if (this.#length + line.length >= chunkBytes) this.flush();
    this.#length += this.#encoder.encodeInto(line, this.#chunk.subarray(this.#length)).written;
    this.#chunk[this.#length++] = lineBreak;
  }

  flush(): void {
    if (this.#length > 0) this.#write(this.#chunk.subarray(0, this.#length));
    this.#length = 0;
  }

  /** Forgets the lines that are not written yet. */
  drop(): void {
    this.#length = 0;
  }
}
