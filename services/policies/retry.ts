import type { Static } from 'typebox';
import { sleep } from '#kit/clock.ts';
import { drawFor } from '#kit/random.ts';
import { type Problem, refuse, within } from '#kit/schema/problems.ts';
import { integer, strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { Backoff, backoffMs, backoffProblems } from './backoff.ts';
import { type Policy, Rejected, type Surroundings } from './policy.ts';

export const RetryOptions = strict(
  {
    maxRetries: integer(0, 100, 'Maximum number of tries after the first.', 3),
    backoff: Backoff,
    retryRejected: Type.Boolean({
      default: false,
      description: 'True if a refusal by an inner policy is also retried.',
    }),
  },
  { description: 'Tries again after an error.' },
);
export type RetryOptions = Static<typeof RetryOptions>;

/**
 * Returns a policy that tries again after an error, until all retries are used or the caller gives up. It rejects with
 * the error of the last attempt. Only if no attempt was made, it rejects with the refusal, as Finagle, gRPC and the AWS
 * SDKs do.
 */
export function retry(options: RetryOptions, { clock, seed, emit }: Surroundings): Policy {
  refuse(retryProblems(options));
  const { maxRetries, backoff, retryRejected } = options;
  const final = (error: unknown) => error instanceof Rejected && !retryRejected;

  return (next) => async (work, signal) => {
    let delayMs: number | undefined;
    // Number of tries that made no attempt. Each of them still needs its own draw.
    let refusals = 0;
    let outcome: unknown;
    let hasFailed = false;
    for (let retries = 0; ; retries++) {
      const { attempts } = work;
      try {
        return await next(work, signal);
      } catch (error) {
        if (signal.aborted) throw error;
        const attempted = work.attempts > attempts;
        if (attempted || !hasFailed) outcome = error;
        else if (error instanceof Rejected) emit({ kind: 'refused-retry', policy: error.policy });
        if (attempted) work.lastFailure = { attempts: work.attempts, error };
        hasFailed ||= attempted;
        if (!attempted) refusals += 1;
        if (retries >= maxRetries || final(error)) throw outcome;
      }
      const attempt = work.attempts + refusals;
      const draw = drawFor(seed, work.id, attempt, 'backoff');
      delayMs = backoffMs(backoff, retries, draw, delayMs);
      emit({ kind: 'retry', attempt, delayMs });
      await sleep(delayMs, clock, signal);
    }
  };
}

/** Returns problems that the schema can't detect: fields that contradict each other. */
export const retryProblems = ({ backoff }: RetryOptions): Problem[] =>
  within('/backoff', backoffProblems(backoff));

export const retryAttempts = ({ maxRetries }: RetryOptions): number => 1 + maxRetries;
