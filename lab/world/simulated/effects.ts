import { type Effect, requestIndex } from '#kit/wire.ts';
import type { EffectLog } from '#lab/evidence/store.ts';

/** Effects of a simulated downstream, which go to a log. */
export class SimulatedEffects {
  /** Number of discarded effects. None, since this log has no bound. */
  readonly forgotten = 0;
  readonly #log: EffectLog;
  /** 1 at the index of each request with an effect. Grows with the indexes. */
  #committed = new Uint8Array(1024);

  constructor(log: EffectLog) {
    this.#log = log;
  }

  has(id: string): boolean {
    return this.#committed[requestIndex(id)] === 1;
  }

  commit(effect: Effect): void {
    const index = requestIndex(effect.id);
    while (index >= this.#committed.length) {
      const { buffer, length } = this.#committed;
      this.#committed = new Uint8Array(buffer.transfer(2 * length));
    }
    this.#committed[index] = 1;
    this.#log.add(effect);
  }

  clear(): void {
    this.#committed.fill(0);
    this.#log.clear();
  }

  read(): Iterable<Uint8Array> {
    return this.#log.pieces();
  }
}
