import { type Static, Type } from 'typebox';
import { strict } from '#kit/schema.ts';
import type { Policy, Surroundings } from './policy.ts';

/** The call within took longer than the timeout policy allows. */
export class AttemptTimeout extends Error {
  override readonly name = 'AttemptTimeout';

  constructor(ms: number) {
    super(`no answer within ${ms} ms`);
  }
}

export const TimeoutOptions = strict(
  { ms: Type.Number({ minimum: 1, maximum: 3_600_000 }) },
  { description: 'Gives up on a call that takes longer.' },
);
export type TimeoutOptions = Static<typeof TimeoutOptions>;

/** Rejects with AttemptTimeout after `ms` and aborts the call within, whether that listens or not. */
export function timeout({ ms }: TimeoutOptions, { clock, emit }: Surroundings): Policy {
  return (next) => async (work, signal) => {
    signal.throwIfAborted();
    const controller = new AbortController();
    const cut = Promise.withResolvers<never>();
    const abort = (reason: unknown) => {
      cut.reject(reason); // first, so that this is the reason that wins
      controller.abort(reason);
    };
    const forward = () => abort(signal.reason);
    const timer = clock.after(ms, () => {
      emit({ kind: 'timeout', ms });
      abort(new AttemptTimeout(ms));
    });
    signal.addEventListener('abort', forward);
    try {
      return await Promise.race([next(work, controller.signal), cut.promise]);
    } finally {
      clock.cancel(timer);
      signal.removeEventListener('abort', forward);
    }
  };
}
