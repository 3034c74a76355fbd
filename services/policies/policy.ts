import type { Clock } from '#kit/clock.ts';
import { ExpectedError } from '#kit/expected-error.ts';
import type { Posted } from '#kit/http-client/upstream.ts';
import type { Slots } from './bulkhead/slots.ts';

/** Request on its way to downstream. */
export interface Work extends Omit<Posted, 'attempts' | 'timeoutMs'> {
  /** Time at which the caller stops waiting, by the policies' clock; undefined if it sent none. */
  readonly callerDeadlineAtMs?: number | undefined;
  /** Time by which an attempt must complete, by the deadline policy; sent along as the rest in ms. */
  deadlineAtMs?: number | undefined;
  /** Attempts made so far; the one that sends counts it up, so attempt numbers start at 1. */
  attempts: number;
  /** Error of the last attempt and its number, once a retry has seen it; the retry's own. */
  lastFailure?: { readonly attempts: number; readonly error: unknown };
  /** True if the last attempt timed out, of an earlier delivery also; the budget's own. */
  timedOut?: boolean;
}

/** Does the work and resolves with the JSON text of the answer, or rejects with the reason. The signal aborts when the caller has gone. */
export type Call = (work: Work, signal: AbortSignal) => Promise<string>;

/** Wraps a call in a rule about when, how often and how long it is made. */
export type Policy = (next: Call) => Call;

/** Action of a policy, for metrics and logs. */
export type PolicyEvent =
  | { readonly kind: 'retry'; readonly attempt: number; readonly delayMs: number }
  /** The policy that refused a try after a failed attempt of the same request. */
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
  /** Decides all chance, see `drawFor`. */
  readonly seed: number;
  readonly emit: (event: PolicyEvent) => void;
  /** Returns the slots of a bulkhead to take over; by default new ones. */
  readonly slots?: () => Slots;
}

/** Thrown where the call within took longer than a policy allows. */
export class TimedOut extends ExpectedError {
  override readonly name: string = 'TimedOut';
}

/** Thrown by a policy that refuses the work: not a failure of downstream, and not retried. */
export class Rejected extends ExpectedError {
  override readonly name: string = 'Rejected';
  /** The policy that refused, by its name in a pipeline. */
  readonly policy: string;
  /** Time in ms after which another try may get through; undefined if the policy doesn't know. */
  readonly retryAfterMs: number | undefined;

  constructor(policy: string, message: string, retryAfterMs?: number) {
    super(message);
    this.policy = policy;
    this.retryAfterMs = retryAfterMs;
  }
}
