import type {
  BreakerOptions,
  BulkheadOptions,
  DeadlineOptions,
  RetryOptions,
  TimeoutOptions,
} from './options.d.ts';

export type { BreakerOptions, BulkheadOptions, DeadlineOptions, RetryOptions, TimeoutOptions };

/** Policy with its options. `guard` builds it. */
export type Layer = (surroundings: never) => unknown;

/** These functions check their options. They throw an error that names all problems. */
export function retry(options?: RetryOptions): Layer;
export function breaker(options: BreakerOptions): Layer;
export function bulkhead(options: BulkheadOptions): Layer;
export function timeout(options: TimeoutOptions): Layer;
export function deadline(options?: DeadlineOptions): Layer;

/** Policy as in the list `policies` of an experiment file. */
export type PolicySpec =
  | { readonly retry: RetryOptions }
  | { readonly breaker: BreakerOptions }
  | { readonly bulkhead: BulkheadOptions }
  | { readonly timeout: TimeoutOptions }
  | { readonly deadline: DeadlineOptions };

/** Returns the layers for the list `policies` of an experiment file. Throws if an option is invalid. */
export function fromExperiment(policies: readonly PolicySpec[]): Layer[];

/** Action of a policy, for metrics and logs. */
export type PolicyEvent =
  | { readonly kind: 'retry'; readonly attempt: number; readonly delayMs: number }
  /** The policy `policy` refused a retry after a failed attempt of the same request. */
  | { readonly kind: 'refused-retry'; readonly policy: string }
  | { readonly kind: 'timeout'; readonly ms: number }
  | { readonly kind: 'rejected'; readonly policy: string }
  | { readonly kind: 'breaker'; readonly state: 'closed' | 'open' | 'half-open' }
  | { readonly kind: 'budget'; readonly left: number }
  /** A call begins to wait for a slot of the bulkhead. */
  | { readonly kind: 'queued' }
  | { readonly kind: 'bulkhead'; readonly inFlight: number; readonly queued: number };

export interface GuardOptions {
  /** Seed of all draws. @default a random one, so that processes don't retry in step */
  readonly seed?: number;
  /** Receives what the policies do. Its errors are ignored. */
  readonly onEvent?: (event: PolicyEvent) => void;
}

export interface CallOptions {
  /** Aborts if the caller no longer waits. */
  readonly signal?: AbortSignal;
  /** Time in ms that the caller still waits. The policy `deadline` keeps it. */
  readonly timeoutMs?: number;
  /** Id of the request, for the draws. @default the number of the call */
  readonly id?: string;
  /** Class of the request. Policies limited to another class skip the call. */
  readonly class?: string;
}

/**
 * Makes a call. Its signal aborts if a policy or the caller gives up. Attempts count from 1. If it rejects with an error
 * that has a field `retryAfterMs`, a retry waits that long, up to a minute.
 */
export type Attempt<T> = (signal: AbortSignal, attempt: number) => Promise<T>;

/**
 * Returns a function that makes calls through the policies, outermost first. Its calls share the state of the policies,
 * so each dependency needs its own guard. A call has failed if it rejects.
 */
export function guard(
  policies: readonly Layer[],
  options?: GuardOptions,
): <T>(attempt: Attempt<T>, options?: CallOptions) => Promise<T>;

/** Thrown by a policy that refuses a call. It isn't retried, unless the retry has `retryRejected`. */
export class Rejected extends Error {
  /** Name of the policy. */
  readonly policy: string;
  /** Time in ms after which another try may succeed, if known. */
  readonly retryAfterMs: number | undefined;
}
export class BreakerOpen extends Rejected {}
export class BudgetSpent extends Rejected {}
export class BulkheadFull extends Rejected {}
export class TooLate extends Rejected {}

/** Thrown if the call takes longer than a policy allows. */
export class TimedOut extends Error {}
export class AttemptTimeout extends TimedOut {}
export class DeadlineExceeded extends TimedOut {}

/**
 * Default export of the module that a variant's field `client` names. It is called before the warm-up and again after
 * it, so state that it creates starts fresh. Returns the function that Spillway calls for each request.
 */
export type Client = (context: ClientContext) => ClientCall | Promise<ClientCall>;

export interface ClientContext {
  /** Address of the dependency, for a client with its own HTTP. It takes a POST with the body of the request, as JSON. */
  readonly url: string;
  /**
   * Makes an attempt. Resolves with the dependency's answer. Rejects with an error that has the field `status` if the
   * answer is not a success, or else with the error of the connection. The signal aborts the attempt. Pass the request
   * if a queue may start the attempt on behalf of another request.
   */
  readonly send: (signal?: AbortSignal, request?: ClientRequest) => Promise<unknown>;
}

export interface ClientRequest {
  readonly id: string;
  readonly body: unknown;
  /** Aborts if the caller no longer waits. */
  readonly signal: AbortSignal;
  /** Time in ms that the caller still waits. Infinity if it is unknown. */
  readonly timeLeftMs: number;
}

/** Resolves if the request succeeded. A call that rejects without an attempt counts as `rejected`. */
export type ClientCall = (request: ClientRequest) => Promise<unknown>;
