/**
 * Counts attempts by id and numbers them from 1, so that each retry has its own draws. If the caller sends a number,
 * that number applies. Ids are forgotten unless they are among the last 500,000. A later retry of a forgotten id counts
 * as a first attempt.
 */
export class Numbering {
  readonly #size: number;
  // Uses two generations, since finding the oldest entry of a Map is slow after many deletions.
  #young = new Map<string, number>();
  #old = new Map<string, number>();
  /** True if ids were forgotten, so that `counts` lacks them. */
  hasForgotten = false;

  /** `generationSize` is the number of ids in a generation. Two generations of 500,000 ids take some 200 MB. */
  constructor(generationSize = 500_000) {
    this.#size = generationSize;
  }

  next(id: string, callersNumber: number | undefined): number {
    const counted = (this.#young.get(id) ?? this.#old.get(id) ?? 0) + 1;
    this.#young.set(id, counted);
    if (this.#young.size >= this.#size) {
      this.hasForgotten ||= this.#old.keys().some((old) => !this.#young.has(old));
      this.#old = this.#young;
      this.#young = new Map();
    }
    return callersNumber ?? counted;
  }

  *counts(): Generator<[id: string, attempts: number], void, undefined> {
    for (const entry of this.#old) if (!this.#young.has(entry[0])) yield entry;
    yield* this.#young;
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
    this.hasForgotten = false;
  }
}
