import type { Static } from 'typebox';
import { documented, number } from '#kit/schema/schema.ts';
import { type Call, type Policy, type Surroundings, TimedOut, type Work } from './policy.ts';

/** Thrown when the wrapped call takes longer than the timeout policy allows. */
export class AttemptTimeout extends TimedOut {
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
export function timeout({ ms }: TimeoutOptions, surroundings: Surroundings): Policy {
  // To create an error takes as long as all other work on a timeout. A function of a user gets one of its own.
  const shared = surroundings.controller && new AttemptTimeout(ms);
  const late = () => shared ?? new AttemptTimeout(ms);
  return (next) => (work, signal) => cutOff(next, work, signal, ms, late, 'timeout', surroundings);
}

const nodes = () => new AbortController();

/**
 * Makes the call. After `ms`, aborts the call and rejects with `late`, even if the call ignores the signal. If an
 * inner retry waits for its next attempt at that time, rejects with the error of its last attempt instead.
 */
export function cutOff(
  call: Call,
  work: Work,
  signal: AbortSignal,
  ms: number,
  late: () => TimedOut,
  policy: string,
  { clock, emit, controller: create = nodes }: Surroundings,
): Promise<string> {
  // Creates the promise by hand, since an async function with Promise.race would double the cost of timer and listener.
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const controller = create();
    const failedBefore = work.lastFailure;
    let isOver = false;
    const release = () => {
      isOver = true;
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
        emit({ kind: 'refused-retry', policy });
        return abort(lastFailure.error);
      }
      emit({ kind: 'timeout', ms });
      abort(late());
    });
    signal.addEventListener('abort', forward);
    const fail = (error: unknown) => {
      if (isOver) return; // Node reports a second rejection to its own code, which costs more than the first
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
