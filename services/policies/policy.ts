import type { Clock } from '#kit/clock.ts';
import { ExpectedError } from '#kit/expected-error.ts';
import type { Posted } from '#kit/http-client/upstream.ts';
import type { Slots } from './bulkhead/slots.ts';

/** Request on its way to downstream. */
export interface Work extends Omit<Posted, 'attempts' | 'timeoutMs'> {
  /** Time at which the caller stops waiting, by the policies' clock; undefined if it sent none. */
  readonly callerDeadlineAtMs?: number | undefined;
  /** Time by which an attempt must complete, set by the deadline policy. Downstream receives the remaining ms. */
  deadlineAtMs?: number | undefined;
  /** Attempts made so far. Incremented before an attempt is sent, so attempt numbers start at 1. */
  attempts: number;
  /** Error and number of the last attempt that a retry policy saw fail. Only the retry policy sets it. */
  lastFailure?: { readonly attempts: number; readonly error: unknown };
  /** True if the last attempt timed out, including one of an earlier delivery. Used by the budget policy. */
  timedOut?: boolean;
}

/**
 * Makes the call and resolves with the JSON text of the answer. The signal aborts when the caller disconnects or an
 * outer policy gives up.
 */
export type Call = (work: Work, signal: AbortSignal) => Promise<string>;

/** Wraps a call in a rule about when, how often and how long it is made. */
export type Policy = (next: Call) => Call;

/** Action of a policy, for metrics and logs. */
export type PolicyEvent =
  | { readonly kind: 'retry'; readonly attempt: number; readonly delayMs: number }
  /** `policy` refused a try after a failed attempt of the same request. */
  | { readonly kind: 'refused-retry'; readonly policy: string }
  | { readonly kind: 'timeout'; readonly ms: number }
  | { readonly kind: 'rejected'; readonly policy: string }
  | { readonly kind: 'breaker'; readonly state: 'closed' | 'open' | 'half-open' }
  | { readonly kind: 'budget'; readonly left: number }
  /** A call begins to wait for a slot of the bulkhead. */
  | { readonly kind: 'queued' }
  | { readonly kind: 'bulkhead'; readonly inFlight: number; readonly queued: number };

/** Dependencies of a policy besides its options. */
export interface Surroundings {
  readonly clock: Clock;
  /** Seed of all draws; see `drawFor`. */
  readonly seed: number;
  readonly emit: (event: PolicyEvent) => void;
  /** Returns the slots that a bulkhead adopts; by default new ones. */
  readonly slots?: () => Slots;
}

/** Thrown when the wrapped call takes longer than a policy allows. */
export class TimedOut extends ExpectedError {
  override readonly name: string = 'TimedOut';
}

/** Thrown by a policy that refuses the work: not a failure of downstream, and not retried. */
export class Rejected extends ExpectedError {
  override readonly name: string = 'Rejected';
  /** Name of the refusing policy in a pipeline. */
  readonly policy: string;
  /** Time in ms after which another try may get through; undefined if the policy doesn't know. */
  readonly retryAfterMs: number | undefined;

  constructor(policy: string, message: string, retryAfterMs?: number) {
    super(message);
    this.policy = policy;
    this.retryAfterMs = retryAfterMs;
  }
}
