import { type Effect, effectLine } from '#kit/wire.ts';

const chunkChars = 64 * 1024;

/** Effect log in memory, with the same lines as the log file. */
export class SimulatedEffects {
  /** Number of discarded effects. None, since this log has no bound. */
  readonly forgotten = 0;
  readonly #ids = new Set<string>();
  #chunks: Buffer[] = [];
  #last = '';

  has(id: string): boolean {
    return this.#ids.has(id);
  }

  commit(effect: Effect): void {
    this.#ids.add(effect.id);
    this.#last += `${effectLine(effect)}\n`;
    if (this.#last.length >= chunkChars) this.#flush();
  }

  clear(): void {
    this.#ids.clear();
    this.#chunks = [];
    this.#last = '';
  }

  /** Returns the log in pieces. */
  read(): readonly Buffer[] {
    this.#flush();
    return this.#chunks;
  }

  #flush(): void {
    if (this.#last !== '') this.#chunks.push(Buffer.from(this.#last));
    this.#last = '';
  }
}
