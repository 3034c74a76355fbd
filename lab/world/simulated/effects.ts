import { closeSync, ftruncateSync, openSync, readSync, rmSync } from 'node:fs';
import { type Effect, effectLine, requestIndex } from '#kit/wire.ts';
import { Lines, writeAll } from './lines.ts';

const pieceBytes = 64 * 1024;
/** Pieces that stay in memory, enough for some 11,000 effects. Most simulations need no file then. */
const keptMax = 16;

/**
 * Effect log with the same lines as the log of a service. Its begin is kept in memory, the rest in a file without a name.
 * Throws like `writeSync`.
 */
export class SimulatedEffects {
  /** Number of discarded effects. None, since this log has no bound. */
  readonly forgotten = 0;
  readonly #file: string;
  /** 1 at the index of each request with an effect. Grows with the indexes. */
  #committed = new Uint8Array(1024);
  #kept: Buffer[] = [];
  #descriptor: number | undefined;
  readonly #lines = new Lines((piece) => this.#write(piece));

  constructor(file: string) {
    this.#file = file;
  }

  has(id: string): boolean {
    return this.#committed[requestIndex(id)] === 1;
  }

  commit(effect: Effect): void {
    const index = requestIndex(effect.id);
    while (index >= this.#committed.length) this.#grow();
    this.#committed[index] = 1;
    this.#lines.add(effectLine(effect));
  }

  clear(): void {
    this.#committed.fill(0);
    this.#lines.drop();
    this.#kept = [];
    if (this.#descriptor !== undefined) ftruncateSync(this.#descriptor);
  }

  /** Returns the log in pieces. The next piece may replace the bytes of the one before. */
  *read(): Generator<Buffer, void, undefined> {
    this.#lines.flush();
    yield* this.#kept;
    if (this.#descriptor === undefined) return;
    const piece = Buffer.alloc(pieceBytes);
    for (let at = 0; ; ) {
      const length = readSync(this.#descriptor, piece, 0, pieceBytes, at);
      if (length === 0) return;
      yield piece.subarray(0, length);
      at += length;
    }
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
  }

  #write(piece: Buffer): void {
    if (this.#kept.length < keptMax) return void this.#kept.push(Buffer.from(piece));
    this.#descriptor ??= this.#open();
    writeAll(this.#descriptor, piece);
  }

  /** Creates the file, and removes its name at once, so that no file is left if the process ends. */
  #open(): number {
    const descriptor = openSync(this.#file, 'a+');
    rmSync(this.#file);
    return descriptor;
  }

  #grow(): void {
    const committed = new Uint8Array(2 * this.#committed.length);
    committed.set(this.#committed);
    this.#committed = committed;
  }
}
