/**
 * Counts attempts by id and numbers them from 1, so that each retry has its own draws. If the caller sends a number,
 * that number applies. Forgets all ids when there are more than `idsMax`. A later retry of a forgotten id counts as a
 * first attempt.
 */
export class Numbering {
  readonly #idsMax: number;
  readonly #counts = new Map<string, number>();
  /** True if ids were forgotten, so that `counts` lacks them. */
  hasForgotten = false;

  constructor(idsMax = 1_000_000) {
    this.#idsMax = idsMax;
  }

  next(id: string, callersNumber: number | undefined): number {
    const known = this.#counts.get(id) ?? 0;
    if (known === 0 && this.#counts.size >= this.#idsMax) {
      this.#counts.clear();
      this.hasForgotten = true;
    }
    this.#counts.set(id, known + 1);
    return callersNumber ?? known + 1;
  }

  counts(): Iterable<[id: string, attempts: number]> {
    return this.#counts;
  }

  clear(): void {
    this.#counts.clear();
    this.hasForgotten = false;
  }
}
