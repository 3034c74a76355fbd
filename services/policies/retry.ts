import type { Static } from 'typebox';
import { sleep } from '#kit/clock.ts';
import { drawFor } from '#kit/random.ts';
import { type Problem, refuse, within } from '#kit/schema/problems.ts';
import { documented, flag, integer } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { Backoff, backoffMs, backoffProblems, longestBackoffsMs } from './backoff.ts';
import { BudgetOptions } from './budget/kinds.ts';
import { BudgetSpent, budget } from './budget.ts';
import { type Policy, Rejected, type Surroundings, TimedOut } from './policy.ts';

export const RetryOptions = documented('Tries again after an error.', {
  maxRetries: integer({ from: 0, to: 100, default: 3 }, 'Maximum number of tries after the first.'),
  backoff: Backoff,
  budget: Type.Optional(BudgetOptions),
  retryRejected: flag({ default: false }, 'True if a refusal by an inner policy is also retried.'),
});
export type RetryOptions = Static<typeof RetryOptions>;

/**
 * Returns a policy that tries again after an error, until all retries are used or the caller gives up. It rejects with
 * the error of the last attempt. Only if no attempt was made, it rejects with the refusal, as Finagle, gRPC and the AWS
 * SDKs do. Like them, it asks the budget at the failure, before the wait.
 */
export function retry(options: RetryOptions, surroundings: Surroundings): Policy {
  refuse(retryProblems(options));
  const { clock, seed, emit } = surroundings;
  const { maxRetries, backoff, retryRejected } = options;
  const pay = options.budget ? budget(options.budget, surroundings) : () => () => undefined;
  const final = (error: unknown) => error instanceof Rejected && !retryRejected;

  return (next) => async (work, signal) => {
    // Number of tries that made no attempt. Each of them still needs its own draw.
    let refusals = 0;
    let outcome: unknown;
    let hasFailed = false;
    let end = pay(work);
    // An earlier delivery, or a try of an outer retry, made an attempt.
    if (!end) throw new BudgetSpent();
    for (let retries = 0; ; retries++) {
      const { attempts } = work;
      const tried = await ended(next(work, signal));
      if ('reply' in tried) {
        end('ok');
        return tried.reply;
      }
      const { error } = tried;
      const attempted = work.attempts > attempts;
      if (attempted) work.timedOut = error instanceof TimedOut;
      if (!attempted) end('unsent');
      else if (work.timedOut || !signal.aborted) end('failed');
      if (signal.aborted) throw error;
      if (attempted || !hasFailed) outcome = error;
      else if (error instanceof Rejected) emit({ kind: 'refused-retry', policy: error.policy });
      if (attempted) work.lastFailure = { attempts: work.attempts, error };
      hasFailed ||= attempted;
      if (!attempted) refusals += 1;
      if (retries >= maxRetries || final(error)) throw outcome;
      end = pay(work);
      if (!end) {
        if (hasFailed) emit({ kind: 'refused-retry', policy: 'budget' });
        throw outcome;
      }
      const attempt = work.attempts + refusals;
      const draw = drawFor(seed, work.id, attempt, 'backoff');
      const delayMs = Math.max(backoffMs(backoff, retries, draw), hintMs(error));
      emit({ kind: 'retry', attempt, delayMs });
      try {
        await sleep(delayMs, clock, signal);
      } catch (reason) {
        end('unsent');
        throw reason;
      }
    }
  };
}

/** Longest wait that an error may ask for. */
const hintMaxMs = 60_000;

/** Returns the wait that an attempt's error asks for by its field `retryAfterMs`, as from the header Retry-After. */
function hintMs(error: unknown): number {
  const { retryAfterMs = 0 } = Object(error) as { retryAfterMs?: unknown };
  if (error instanceof Rejected || typeof retryAfterMs !== 'number') return 0;
  return Math.min(retryAfterMs, hintMaxMs) || 0;
}

type Ended = { readonly reply: string } | { readonly error: unknown };

/** Resolves also if the call fails, since to await a rejection costs as much as the rest. */
const ended = (call: Promise<string>): Promise<Ended> => call.then(withReply, withError);
const withReply = (reply: string): Ended => ({ reply });
const withError = (error: unknown): Ended => ({ error });

/** Returns problems that the schema can't detect: fields that contradict each other. */
export const retryProblems = ({ backoff }: RetryOptions): Problem[] =>
  within('/backoff', backoffProblems(backoff));

type Tries = Pick<RetryOptions, 'maxRetries' | 'backoff'>;

/** Returns the longest time in ms of all tries and of the waits between them. */
export const retryLongestMs = ({ maxRetries, backoff }: Tries, innerMs: number): number =>
  (1 + maxRetries) * innerMs + longestBackoffsMs(backoff, maxRetries);
