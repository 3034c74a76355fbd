/**
 * Numbers attempts, from 1. A caller that is ours says the number; for one that doesn't, attempts are counted by id, so
 * that a retry meets luck of its own.
 */
export class Numbering {
  readonly #counted = new Map<string, number>();

  /** `said` is the value of the header, where there is one. */
  next(id: string, said: unknown): number {
    const number = Number(said);
    if (Number.isInteger(number) && number > 0) return number;
    const counted = (this.#counted.get(id) ?? 0) + 1;
    this.#counted.set(id, counted);
    return counted;
  }

  /** Forgets everything. */
  clear(): void {
    this.#counted.clear();
  }
}
