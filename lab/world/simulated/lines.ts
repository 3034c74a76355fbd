import { writeSync } from 'node:fs';

const chunkBytes = 64 * 1024;
const lineBreak = 10;

/**
 * Collects lines of ASCII, and writes them in large pieces. `write` must be done with a piece when it returns. Encodes
 * each line at once, since minor garbage collections would copy a growing text again and again.
 */
export class Lines {
  readonly #write: (piece: Buffer) => void;
  readonly #chunk = Buffer.allocUnsafeSlow(chunkBytes);
  #length = 0;

  constructor(write: (piece: Buffer) => void) {
    this.#write = write;
  }

  /** Adds a line of less than 64 KB, given without its line break. */
  add(line: string): void {
    if (this.#length + line.length >= chunkBytes) this.flush();
    this.#length += this.#chunk.write(line, this.#length, 'latin1');
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

/** Writes all bytes to a file, synchronously. Fails like `writeSync`. */
export function writeAll(descriptor: number, bytes: Buffer): void {
  for (let written = 0; written < bytes.length; )
    written += writeSync(descriptor, bytes, written, bytes.length - written);
}
