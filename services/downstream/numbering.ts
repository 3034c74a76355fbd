/** After so many ids those before them are forgotten; together they take some 200 MB. */
const generation = 500_000;

/**
 * Counts attempts by id, and numbers them, from 1: by what the caller says, or else by the count, so that a retry meets
 * luck of its own. An id not seen among the last 500,000 is forgotten: a retry of it would count as a
 * first attempt, and meet the first one's luck.
 */
export class Numbering {
  readonly #size: number;
  // Two generations, because a Map takes long to find the oldest of its entries once many before it were deleted.
  #young = new Map<string, number>();
  #old = new Map<string, number>();
  #hasForgotten = false;

  /** `size` is that of a generation. */
  constructor(size = generation) {
    this.#size = size;
  }

  /** `said` is the number that the caller says, where it says one. */
  next(id: string, said: number | undefined): number {
    const counted = (this.#young.get(id) ?? this.#old.get(id) ?? 0) + 1;
    this.#young.set(id, counted);
    if (this.#young.size >= this.#size) {
      this.#hasForgotten ||= this.#old.keys().some((old) => !this.#young.has(old));
      this.#old = this.#young;
      this.#young = new Map();
    }
    return said ?? counted;
  }

  /** True if `counts` lacks ids that there were. */
  get hasForgotten(): boolean {
    return this.#hasForgotten;
  }

  /** Every id that is remembered, with its count. */
  *counts(): Generator<[id: string, attempts: number], void, undefined> {
    for (const entry of this.#old) if (!this.#young.has(entry[0])) yield entry;
    yield* this.#young;
  }

  /** Forgets everything. */
  clear(): void {
    this.#young.clear();
    this.#old.clear();
    this.#hasForgotten = false;
  }
}
