/** How one call went. A call can be both: a timeout fails slowly. */
export interface Result {
  readonly failed: boolean;
  readonly slow: boolean;
}

/** The results a window remembers. */
export interface Tally {
  readonly calls: number;
  readonly failures: number;
  readonly slow: number;
}

/** Remembers another result, forgets old ones, and says what it holds now. It only counts: the breaker decides. */
export type Window = (result: Result) => Tally;
