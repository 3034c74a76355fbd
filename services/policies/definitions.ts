import type { Static, TSchema } from 'typebox';
import type { Problem } from '#kit/schema/problems.ts';
import { BreakerOptions, breakerProblems } from './breaker/options.ts';
import { breaker as breakerPolicy } from './breaker.ts';
import { BulkheadOptions, bulkheadLongestMs, bulkhead as bulkheadPolicy } from './bulkhead.ts';
import { withClass } from './class.ts';
import { DeadlineOptions, deadline as deadlinePolicy, deadlineProblems } from './deadline.ts';
import type { Policy, Surroundings } from './policy.ts';
import { RetryOptions, retryLongestMs, retry as retryPolicy, retryProblems } from './retry.ts';
import { TimeoutOptions, timeout as timeoutPolicy } from './timeout.ts';

// Each policy is a constant of its own, so that a bundle of `spillway/policies` has only those that are used.

export const deadline = /* @__PURE__ */ define(DeadlineOptions, deadlinePolicy, {
  problems: deadlineProblems,
  longestMs: ({ ms = Infinity }, innerMs) => Math.min(ms, innerMs),
});
export const retry = /* @__PURE__ */ define(RetryOptions, retryPolicy, {
  problems: retryProblems,
  attempts: ({ maxRetries }) => 1 + maxRetries,
  longestMs: retryLongestMs,
});
export const breaker = /* @__PURE__ */ define(BreakerOptions, breakerPolicy, { problems: breakerProblems });
export const bulkhead = /* @__PURE__ */ define(BulkheadOptions, bulkheadPolicy, {
  longestMs: bulkheadLongestMs,
});
export const timeout = /* @__PURE__ */ define(TimeoutOptions, timeoutPolicy, {
  longestMs: ({ ms }, innerMs) => Math.min(ms, innerMs),
});

export interface Definition<S extends TSchema> {
  readonly schema: S;
  create(options: Static<S>, surroundings: Surroundings): Policy;
  problems?(options: Static<S>): Problem[];
  /** Returns the maximum number of calls that the policy makes for one incoming call; 1 by default. */
  attempts?(options: Static<S>): number;
  /**
   * Returns the longest time in ms of a call, if the call inside the policy takes at most `innerMs`; `innerMs` by
   * default.
   */
  longestMs?(options: Static<S>, innerMs: number): number;
}

function define<S extends TSchema>(
  schema: S,
  create: Definition<S>['create'],
  more?: Pick<Definition<S>, 'problems' | 'attempts' | 'longestMs'>,
): Definition<S> {
  return { schema: withClass(schema), create, ...more };
}
