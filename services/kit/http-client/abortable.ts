/**
 * Begins something that `begin` returns a function to give up. Settles as it does, and leaves no listener; when the signal
 * aborts, gives it up and rejects with the signal's reason.
 */
export function abortable<T>(
  signal: AbortSignal,
  begin: (resolve: (value: T) => void, reject: (reason: unknown) => void) => () => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    let giveUp = () => {};
    const abort = () => {
      giveUp();
      reject(signal.reason);
    };
    const end = <V>(settle: (value: V) => void) => {
      return (value: V) => {
        signal.removeEventListener('abort', abort);
        settle(value);
      };
    };
    signal.addEventListener('abort', abort, { once: true });
    giveUp = begin(end(resolve), end(reject));
  });
}
