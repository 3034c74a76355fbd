/** What becomes of one attempt: how long it is worked on, and whether it fails after that. */
export interface Fate {
  readonly latencyMs: number;
  readonly failed: boolean;
}

/** Decides an attempt's fate from the attempts in flight, this one included, and a draw for each purpose. */
export type Model = (inFlight: number, draw: (purpose: string) => number) => Fate;
