import { type Static, Type } from 'typebox';
import { sleep } from '#kit/clock.ts';
import { luck } from '#kit/random.ts';
import { type Problem, refuse, strict, within } from '#kit/schema.ts';
import { Backoff, backoffMs, backoffProblems } from './backoff.ts';
import { type Policy, Rejected, type Surroundings } from './policy.ts';

export const RetryOptions = strict(
  {
    maxRetries: Type.Integer({ default: 3, minimum: 0, maximum: 100, description: 'After the first try.' }),
    backoff: Backoff,
    retryRejected: Type.Boolean({
      default: false,
      description: 'Whether a refusal by a policy further in is tried again too.',
    }),
  },
  { description: 'Tries again after an error.' },
);
export type RetryOptions = Static<typeof RetryOptions>;

/** Tries again after an error, until the retries are used up or the caller gives up; rejects with the last error. */
export function retry(options: RetryOptions, { clock, seed, emit }: Surroundings): Policy {
  refuse(retryProblems(options));
  const { maxRetries, backoff, retryRejected } = options;
  const final = (error: unknown) => error instanceof Rejected && !retryRejected;

  return (next) => async (work, signal) => {
    let delayMs: number | undefined;
    // Tries that came to no attempt: they take luck of their own, too.
    let refusals = 0;
    for (let retries = 0; ; retries++) {
      const { attempts } = work;
      try {
        return await next(work, signal);
      } catch (error) {
        if (retries >= maxRetries || signal.aborted || final(error)) throw error;
      }
      if (work.attempts === attempts) refusals += 1;
      const attempt = work.attempts + refusals;
      const draw = luck(seed, work.id, attempt, 'backoff');
      delayMs = backoffMs(backoff, retries, draw, delayMs);
      emit({ kind: 'retry', attempt, delayMs });
      await sleep(delayMs, clock, signal);
    }
  };
}

/** What the schema can't say: fields that contradict each other. */
export function retryProblems({ backoff }: RetryOptions): Problem[] {
  return within('/backoff', backoffProblems(backoff));
}

/** The most attempts that one call becomes. */
export const retryAttempts = ({ maxRetries }: RetryOptions): number => 1 + maxRetries;
