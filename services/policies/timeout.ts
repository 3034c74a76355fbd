import type { Static } from 'typebox';
import { documented, number } from '#kit/schema/schema.ts';
import { type Call, type Policy, type Surroundings, TimedOut, type Work } from './policy.ts';

/** Thrown when the wrapped call takes longer than the timeout policy allows. */
export class AttemptTimeout extends TimedOut {
  static readonly policy = 'timeout';
  override readonly name = 'AttemptTimeout';

  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
  }
}

export const TimeoutOptions = documented('Gives up on a call that takes longer than `ms`.', {
  ms: number(
    { from: 1, to: 3_600_000 },
    'Longest duration of a call, including the policies inside this one.',
  ),
});
export type TimeoutOptions = Static<typeof TimeoutOptions>;

/**
 * Rejects with AttemptTimeout after `ms`, and aborts the wrapped call. Doesn't wait for a call that ignores the signal.
 */
export const timeout =
  ({ ms }: TimeoutOptions, surroundings: Surroundings): Policy =>
  (next) =>
  (work, signal) =>
    cutOff(next, work, signal, ms, AttemptTimeout, surroundings);

const nodes = () => new AbortController();

/**
 * Makes the call. After `ms`, aborts the call and rejects with a `Late`, even if the call ignores the signal. If an
 * inner retry waits for its next attempt at that time, rejects with the error of its last attempt instead.
 */
export function cutOff(
  call: Call,
  work: Work,
  signal: AbortSignal,
  ms: number,
  Late: { readonly policy: string; new (ms: number): TimedOut },
  { clock, emit, controller: create = nodes }: Surroundings,
): Promise<string> {
  // Creates the promise by hand, since an async function with Promise.race would double the cost of timer and listener.
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const controller = create();
    const failedBefore = work.lastFailure;
    const release = () => {
      clock.cancel(timer);
      signal.removeEventListener('abort', forward);
    };
    const abort = (reason: unknown) => {
      release();
      reject(reason); // before the abort, so that the call can't reject with another reason
      controller.abort(reason);
    };
    const forward = () => abort(signal.reason);
    const timer = clock.after(ms, () => {
      const { lastFailure, attempts } = work;
      // A failure from before this call belongs to an outer retry, which handles it.
      if (lastFailure !== failedBefore && lastFailure?.attempts === attempts) {
        emit({ kind: 'refused-retry', policy: Late.policy });
        return abort(lastFailure.error);
      }
      emit({ kind: 'timeout', ms });
      abort(new Late(ms));
    });
    signal.addEventListener('abort', forward);
    const fail = (error: unknown) => {
      release();
      reject(error);
    };
    try {
      call(work, controller.signal).then((answer) => {
        release();
        resolve(answer);
      }, fail);
    } catch (error) {
      fail(error);
    }
  });
}
