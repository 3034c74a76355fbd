import type { Field } from '#lab/experiment/field.ts';
import type { Sample } from '#lab/runner/sample.ts';
import type { Pool } from './pool.ts';
import { changesAt, type Point } from './space.ts';
import type { Store } from './store.ts';

/** Simulates points of a space. Each point and seed is simulated once. */
export class Explorer {
  readonly #pool: Pool;
  readonly #fields: readonly Field[];
  readonly #signal: AbortSignal;
  readonly store: Store;
  /** Real time of the latest simulations, and their number. */
  #spent = { ms: 0, count: 0 };

  constructor(pool: Pool, fields: readonly Field[], store: Store, signal: AbortSignal) {
    this.#pool = pool;
    this.#fields = fields;
    this.store = store;
    this.#signal = signal;
  }

  /** Resolves with the sample of a point. Rejects with the signal's reason once it aborts. */
  async sample(point: Point, seed: number): Promise<Sample> {
    this.#signal.throwIfAborted();
    const known = this.store.get(point, seed);
    if (known) return known;
    const { sample, tookMs } = await this.#pool
      .simulate(changesAt(this.#fields, point), seed)
      .catch((error) => Promise.reject(this.#signal.aborted ? this.#signal.reason : error));
    this.#spent = { ms: this.#spent.ms + tookMs, count: this.#spent.count + 1 };
    this.store.add({ point, seed, sample });
    return sample;
  }

  /** Estimates the real time of so many simulations; undefined before the first one. */
  estimateMs(count: number): number | undefined {
    const { ms, count: of } = this.#spent;
    return of > 0 ? (ms / of) * (count / this.#pool.size) : undefined;
  }

  /** Forgets the times so far, since the first simulations load and compile the code. */
  warmedUp(): void {
    this.#spent = { ms: 0, count: 0 };
  }
}
