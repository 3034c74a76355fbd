import type { Clock } from '#kit/clock.ts';
import { ExpectedError } from '#kit/expected-error.ts';
import type { Posted } from '#kit/http-client/posted.ts';
import type { PolicyEvent } from './declared.d.ts';

/** Request on its way to downstream. */
export interface Work extends Posted {
  /** Time on the policies' clock at which the caller stops waiting. Undefined if the caller sent none. */
  readonly callerDeadlineAtMs?: number | undefined;
  /** Time by which an attempt must complete. The deadline policy sets it. */
  deadlineAtMs?: number | undefined;
  /** Time left until `deadlineAtMs` at the start of the last attempt. */
  timeoutMs?: number | undefined;
  /** Number of attempts so far. It is incremented before an attempt is sent, so attempt numbers start at 1. */
  attempts: number;
  /** Error and number of the last attempt that a retry policy saw fail. Only the retry policy sets it. */
  lastFailure?: { readonly attempts: number; readonly error: unknown } | undefined;
  /** True if the last attempt timed out, even in an earlier delivery. A retry budget uses it. */
  timedOut?: boolean | undefined;
}

/**
 * Makes the call and resolves with the JSON text of the answer. The signal aborts if the caller disconnects, or if an
 * outer policy gives up.
 */
export type Call = (work: Work, signal: AbortSignal) => Promise<string>;

/** Function that wraps a call. It decides when, how often and for how long the call is made. */
export type Policy = (next: Call) => Call;

/** Parts that a policy needs besides its options, such as the clock and the seed. */
export interface Surroundings {
  readonly clock: Clock;
  /** Seed of all draws; see `drawFor`. */
  readonly seed: number;
  readonly emit: (event: PolicyEvent) => void;
  /** Creates the controller of a call that a policy may abort. @default Node's */
  readonly controller?: () => Pick<AbortController, 'signal' | 'abort'>;
}

/**
 * Resolved. A policy awaits it before it refuses a call at once, so that the caller listens by then: engines report a
 * rejection without a listener to their host, which takes longer than the rest of the call.
 */
export const listening: Promise<void> = Promise.resolve();

/** Thrown if the wrapped call takes longer than a policy allows. */
export class TimedOut extends ExpectedError {
  override readonly name: string = 'TimedOut';
}

/** Thrown by a policy that refuses the call. This is not a failure of downstream, and is not retried. */
export class Rejected extends ExpectedError {
  override readonly name: string = 'Rejected';
  /** Name of the policy that refused the call. */
  readonly policy: string;
  /** Time in ms after which another try may succeed. Undefined if the policy doesn't know. */
  readonly retryAfterMs: number | undefined;

  constructor(policy: string, message: string, retryAfterMs?: number) {
    super(message);
    this.policy = policy;
    this.retryAfterMs = retryAfterMs;
  }
}
