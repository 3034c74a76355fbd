import { appendFileSync, closeSync, ftruncateSync, openSync, readSync, rmSync } from 'node:fs';
import { type Effect, effectLine, requestIndex } from '#kit/wire.ts';
import { limits } from '#load/arrivals/arrival.ts';

const chunkBytes = 64 * 1024;

/** Effect log in a file without a name, with the same lines as the log of a service. Throws like `appendFileSync`. */
export class SimulatedEffects {
  /** Number of discarded effects. None, since this log has no bound. */
  readonly forgotten = 0;
  readonly #descriptor: number;
  /** 1 at the index of each request with an effect. */
  readonly #committed = new Uint8Array(limits.requests);
  #waiting = '';

  /** Creates the file, and removes its name at once, so that no file is left if the process ends. */
  constructor(file: string) {
    this.#descriptor = openSync(file, 'a+');
    rmSync(file);
  }

  has(id: string): boolean {
    return this.#committed[requestIndex(id)] === 1;
  }

  commit(effect: Effect): void {
    this.#committed[requestIndex(effect.id)] = 1;
    this.#waiting += `${effectLine(effect)}\n`;
    if (this.#waiting.length >= chunkBytes) this.#flush();
  }

  clear(): void {
    this.#committed.fill(0);
    this.#waiting = '';
    ftruncateSync(this.#descriptor);
  }

  /** Returns the log in pieces. */
  *read(): Generator<Buffer, void, undefined> {
    this.#flush();
    for (let at = 0; ; ) {
      const piece = Buffer.alloc(chunkBytes);
      const length = readSync(this.#descriptor, piece, 0, chunkBytes, at);
      if (length === 0) return;
      yield piece.subarray(0, length);
      at += length;
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }

  #flush(): void {
    appendFileSync(this.#descriptor, this.#waiting);
    this.#waiting = '';
  }
}
