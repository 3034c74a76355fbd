import type { Clock } from '#kit/clock.ts';
import type { Call, Work } from './policy.ts';

/** Makes the call, and after `ms` rejects with the error of `late` and aborts the call, whether that listens or not. */
export async function cutOff(
  call: Call,
  work: Work,
  signal: AbortSignal,
  clock: Clock,
  ms: number,
  late: () => Error,
): Promise<string> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const cut = Promise.withResolvers<never>();
  const abort = (reason: unknown) => {
    cut.reject(reason); // first, so that this is the reason that wins
    controller.abort(reason);
  };
  const forward = () => abort(signal.reason);
  const timer = clock.after(ms, () => abort(late()));
  signal.addEventListener('abort', forward);
  try {
    return await Promise.race([call(work, controller.signal), cut.promise]);
  } finally {
    clock.cancel(timer);
    signal.removeEventListener('abort', forward);
  }
}
