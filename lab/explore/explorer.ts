import type { Sample } from '#lab/conduct/sample.ts';
import type { Field } from '#lab/experiment/field.ts';
import type { Pool } from './pool.ts';
import { changesAt, type Point } from './space.ts';

/** Simulates points of a space. Each point and seed is simulated once. */
export class Explorer {
  readonly #pool: Pool;
  readonly #fields: readonly Field[];
  readonly #signal: AbortSignal;
  readonly #samples = new Map<string, Sample>();
  /** Real time of the latest simulations, and their number. */
  #spent = { ms: 0, count: 0 };

  constructor(pool: Pool, fields: readonly Field[], signal: AbortSignal) {
    this.#pool = pool;
    this.#fields = fields;
    this.#signal = signal;
  }

  /** Resolves with the sample of a point. Rejects with the signal's reason once it aborts. */
  async sample(point: Point, seed: number): Promise<Sample> {
    this.#signal.throwIfAborted();
    const known = this.known(point, seed);
    if (known) return known;
    const { sample, tookMs } = await this.#pool
      .ask({ changes: [...changesAt(this.#fields, point)], seed })
      .catch((error) => Promise.reject(this.#signal.aborted ? this.#signal.reason : error));
    this.#spent = { ms: this.#spent.ms + tookMs, count: this.#spent.count + 1 };
    this.#samples.set(nameOf(point, seed), sample);
    return sample;
  }

  known(point: Point, seed: number): Sample | undefined {
    return this.#samples.get(nameOf(point, seed));
  }

  /** Estimates the real time of so many simulations; undefined before the first one. */
  estimateMs(count: number): number | undefined {
    const { ms, count: of } = this.#spent;
    return of > 0 ? (ms / of) * (count / this.#pool.size) : undefined;
  }
}

const nameOf = (point: Point, seed: number): string => `${point.join()} ${seed}`;
