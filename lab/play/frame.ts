/** Requests since the start, each in exactly one count. Requests in flight are in none. */
export interface Ends {
  readonly inTime: number;
  readonly late: number;
  /** Failed, timed out, refused by the publisher, or without a known end. */
  readonly failed: number;
  readonly rejected: number;
  readonly dead: number;
}

/** Moment of a variant, as the page draws it. */
export interface Frame extends Ends {
  /** Virtual time since the first scheduled time. */
  readonly atMs: number;
  /** Requests scheduled until now. */
  readonly offered: number;
  /** Requests per second that the load offers now, as the experiment plans them. */
  readonly offeredPerSecond: number;
  /** Attempts that the dependency has received since the start. */
  readonly attempts: number;
  /** Attempts in progress whose caller waits for the first or for a further one, or whose caller has left. */
  readonly inFlight: Readonly<Record<'first' | 'retry' | 'abandoned', number>>;
  /** Calls that wait for a slot of a bulkhead. */
  readonly waiting: number;
  /** Events in the stream that no handler works on; only on the path event. */
  readonly queue?: Readonly<Record<'waiting' | 'pastDeadline' | 'oldestMs', number>>;
  /** Slots of the bulkheads, or of the consumer on the path event. */
  readonly slots?: { readonly used: number; readonly of: number };
  readonly breakers?: Breakers;
  /** Lowest budget of a retry in the caller, in its own unit. */
  readonly budget?: number;
  /** Dead letters in their stream, by reason. */
  readonly deadReasons?: Readonly<Record<string, number>>;
  readonly faults: readonly string[];
}

export interface Breakers {
  readonly closed: number;
  readonly halfOpen: number;
  readonly open: number;
  /** Time for which the only breaker refuses calls; missing if there are several, or if its length is drawn. */
  readonly refusingForMs?: number;
}

/** Requests by their scheduled time, in the bins of a scene. They are complete when the simulation is over. */
export interface Strip {
  readonly offered: readonly number[];
  readonly inTime: readonly number[];
}
