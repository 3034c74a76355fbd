import type { Clock } from '#kit/clock.ts';
import type { Call, Work } from './policy.ts';

/** Makes the call, and after `ms` rejects with the error of `late` and aborts the call, whether that listens or not. */
export function cutOff(
  call: Call,
  work: Work,
  signal: AbortSignal,
  clock: Clock,
  ms: number,
  late: () => Error,
): Promise<string> {
  // One promise made by hand: async with Promise.race would cost as much again as the timer and the listener.
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const controller = new AbortController();
    const release = () => {
      clock.cancel(timer);
      signal.removeEventListener('abort', forward);
    };
    const abort = (reason: unknown) => {
      release();
      reject(reason); // first, so that this is the reason that wins
      controller.abort(reason);
    };
    const forward = () => abort(signal.reason);
    const timer = clock.after(ms, () => abort(late()));
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
