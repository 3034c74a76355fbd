/** Attempt as the dependency sees it. Times are in ms since the bench opened. */
export interface Attempt {
  /** Number of its call, from 0. Null if the client's request has no id of a call. */
  readonly call: number | null;
  readonly startedAtMs: number;
  /** Time of its answer, or at which the client gave it up. */
  endedAtMs?: number;
  status?: number;
  /** Time at which the client gave it up. */
  cancelledAtMs?: number;
}

export interface Call {
  /** Number of the call, from 0. */
  readonly number: number;
  readonly startedAtMs: number;
  endedAtMs?: number;
  isOk?: boolean;
  /** Time at which the caller gave it up. */
  cancelledAtMs?: number;
  readonly attempts: Attempt[];
}

/** Calls and attempts that show a fact. */
export interface Sequence {
  /** Remarks, such as a change of the dependency. */
  readonly notes: readonly { readonly atMs: number; readonly text: string }[];
  readonly calls: readonly Call[];
  /** Attempts that belong to no known call. */
  readonly others: readonly Attempt[];
}
