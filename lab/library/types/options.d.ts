// Written by lab/library/write-types.ts from the schemas.

/** Refuses calls for a while when too many have failed. */
export type BreakerOptions = {
  /** The results that decide whether the breaker opens. */
  readonly window: {
    readonly kind: "count";
    /** Number of results. @default 20 */
    readonly size?: number | undefined;
  } | {
    readonly kind: "time";
    /** Length of the time span. @default 10000 */
    readonly ms?: number | undefined;
    /** Number of parts of the time span. Old results are forgotten one part at a time. @default 10 */
    readonly buckets?: number | undefined;
  };
  /** Results required in the window before the breaker can open. Default: `size` in a count window, 20 in a time window. */
  readonly minimumCalls?: number | undefined;
  /** Opens at this number of failures in the window. */
  readonly failures?: number | undefined;
  /** Opens at this share of failures in the window. */
  readonly failureRatio?: number | undefined;
  /** Duration above which a call is slow. */
  readonly slowCallMs?: number | undefined;
  /** Opens at this share of slow calls in the window. */
  readonly slowRatio?: number | undefined;
  /** Time for which an open breaker refuses calls. @default 5000 */
  readonly openMs?: number | undefined;
  /** Lengthens or shortens each open time at random, by up to this share. @default 0 */
  readonly openJitter?: number | undefined;
  /** State after the open time. @default {"kind":"trial"} */
  readonly halfOpen?: {
    readonly kind: "trial";
    /** Number of trial calls. All must succeed. @default 1 */
    readonly calls?: number | undefined;
    /** Longest time in half-open. If the trial calls bring no verdict in this time, the breaker opens again. 0: without limit. @default 60000 */
    readonly maxWaitMs?: number | undefined;
  } | {
    readonly kind: "none";
  } | undefined;
};

/** Refuses retries beyond a budget. It belongs inside the retry policy. A redelivery counts as a retry. */
export type BudgetOptions = {
  readonly kind: "finagle";
  /** Time for which the budget remembers requests and retries. @default 10000 */
  readonly ttlMs?: number | undefined;
  /** Number of retries for each request. @default 0.2 */
  readonly ratio?: number | undefined;
  /** Number of retries per second allowed in addition, even without any requests. @default 10 */
  readonly minPerSecond?: number | undefined;
} | {
  readonly kind: "grpc";
  /** Initial and maximum number of tokens. @default 10 */
  readonly maxTokens?: number | undefined;
  /** Tokens gained by a success. @default 0.1 */
  readonly tokenRatio?: number | undefined;
} | {
  readonly kind: "aws";
  /** Initial and maximum number of tokens. @default 500 */
  readonly capacity?: number | undefined;
  /** Tokens that a retry costs. @default 5 */
  readonly retryCost?: number | undefined;
  /** Tokens that a retry after a timeout costs. @default 10 */
  readonly timeoutRetryCost?: number | undefined;
  /** Tokens gained by a success at the first try. @default 1 */
  readonly successGain?: number | undefined;
};

/** Limits the calls under way and in the queue. */
export type BulkheadOptions = {
  /** Maximum number of calls under way. */
  readonly concurrency: number;
  /** Maximum number of calls that wait for a slot, first come, first served. Further calls are refused. @default 0 */
  readonly queue?: number | undefined;
  /** Longest wait for a slot, after which a call is refused. */
  readonly queueTimeoutMs?: number | undefined;
};

/** Gives up when the caller's time (`x-timeout-ms`) is over. Sends the time that is left with each attempt. Inside a retry policy it limits each attempt; around a retry policy, it limits the whole call. */
export type DeadlineOptions = {
  /** Longest duration of a call. If the caller's time is shorter, that applies. */
  readonly ms?: number | undefined;
  /** Part of the caller's time that is reserved for returning the answer. @default 0 */
  readonly marginMs?: number | undefined;
  /** Refuses calls with at most this much time left. @default 0 */
  readonly leastMs?: number | undefined;
};

/** Tries again after an error. */
export type RetryOptions = {
  /** Maximum number of tries after the first. @default 3 */
  readonly maxRetries?: number | undefined;
  /** Wait before the next try. @default {"kind":"exponential"} */
  readonly backoff?: {
    readonly kind: "constant";
    /** Wait before each retry. */
    readonly delayMs: number;
    /** For a delay d: `none` waits d, `full` a random time from 0 to d, `equal` a random time from d/2 to d. @default "none" */
    readonly jitter?: "none" | "full" | "equal" | undefined;
  } | {
    readonly kind: "exponential";
    /** Wait before the first retry. It doubles with each further retry. @default 20 */
    readonly baseMs?: number | undefined;
    /** Longest wait. @default 400 */
    readonly capMs?: number | undefined;
    /** Randomness of the wait: `none`, `full` and `equal` as for `constant`. `decorrelated` waits a random time from `baseMs` to 3 · the previous wait, at most `capMs`. @default "full" */
    readonly jitter?: "none" | "full" | "equal" | "decorrelated" | undefined;
  } | undefined;
  /** True if a refusal by an inner policy is also retried. @default false */
  readonly retryRejected?: boolean | undefined;
};

/** Gives up on a call that takes longer than `ms`. */
export type TimeoutOptions = {
  /** Longest duration of a call, including the policies inside this one. */
  readonly ms: number;
};
