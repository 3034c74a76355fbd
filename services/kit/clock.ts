export type Timer = unknown;

/** Source of time for all code. It is real, or virtual in tests and simulations. */
export interface Clock {
  /** Monotonic time in ms with a fraction; comparable between the processes of one machine. */
  now(): number;
  /** Calls `callback` once after `ms`. The system clock rounds `ms` to whole milliseconds. */
  after(ms: number, callback: () => void): Timer;
  /** Cancels a pending callback. Does nothing after the callback has run. */
  cancel(timer: Timer): void;
  /** Wall clock, for ages across machines and for texts; never for measuring. */
  wallTime(): Date;
}

/** Largest difference between the times that two processes read from the same clock of the kernel at the same moment. */
export const sharedClockErrorMs = 0.02;

/**
 * Offset in ms from performance.now(), which starts at 0 in each process, to the kernel's monotonic clock, which all
 * processes share. Uses the fastest of ten readings: the first takes 1 to 3 ms, since Node loads and compiles both
 * clocks. On a busy machine it reads more often, until the error is at most half of `sharedClockErrorMs`. Outside Node
 * there is no other process, so the offset is 0.
 */
const originMs = /* @__PURE__ */ measureOrigin();

function measureOrigin(): number {
  if (!('process' in globalThis)) return 0;
  let best = { gapMs: Number.POSITIVE_INFINITY, originMs: 0 };
  for (let reading = 0; reading < 10 || (best.gapMs > sharedClockErrorMs && reading < 10_000); reading++) {
    const before = performance.now();
    const sharedMs = Number(process.hrtime.bigint()) / 1e6;
    const gapMs = performance.now() - before;
    if (gapMs < best.gapMs) best = { gapMs, originMs: sharedMs - before - gapMs / 2 };
  }
  return best.originMs;
}

// Node truncates to whole ms, so unrounded sleeps would be half a millisecond too short on average. Node also warns
// about negative delays, and fires delays beyond 24 days at once.
const after = (ms: number, callback: () => void): Timer =>
  setTimeout(callback, Math.min(Math.max(0, Math.round(ms)), 2 ** 31 - 1));
const cancel = (timer: Timer): void => clearTimeout(timer as NodeJS.Timeout);

/** Returns the time of day, for names and reports; never for measuring. */
export const wallTime = (): Date => new Date();

/** Clock of this process alone, which also runs outside Node. */
export const localClock: Clock = { now: () => performance.now(), after, cancel, wallTime };

export const systemClock: Clock = { ...localClock, now: () => originMs + performance.now() };

/** Start of this process in ms of the wall clock, with a fraction that makes it unique. */
export const processStartMs = performance.timeOrigin;

/** Resolves after `ms`, or rejects with the signal's reason if it aborts first. Leaves no timer and no listener. */
export const sleep = (ms: number, clock: Clock, signal?: AbortSignal): Promise<void> =>
  abortable(signal, (resolve) => {
    const timer = clock.after(ms, resolve);
    return () => clock.cancel(timer);
  });

/** Settles like the promise, or rejects after `ms`; leaves no timer. */
export async function deadline<T>(promise: Promise<T>, ms: number, clock: Clock): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = clock.after(ms, () => late.reject(new Error(`not within ${ms} ms`)));
  try {
    return await Promise.race([promise, late.promise]);
  } finally {
    clock.cancel(timer);
  }
}

/**
 * Starts work with `begin`, which returns a function that cancels the work. `begin` settles the promise by `resolve` or
 * `reject`. If the signal aborts first, the work is cancelled and the promise rejects with the signal's reason.
 */
export function abortable<T>(
  signal: AbortSignal | undefined,
  begin: (resolve: (value: T) => void, reject: (reason: unknown) => void) => () => void,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    let giveUp = () => {};
    const abort = () => {
      giveUp();
      reject(signal?.reason);
    };
    const end = <V>(settle: (value: V) => void) => {
      return (value: V) => {
        signal?.removeEventListener('abort', abort);
        settle(value);
      };
    };
    signal?.addEventListener('abort', abort, once);
    giveUp = begin(end(resolve), end(reject));
  });
}

const once = { once: true } as const;

/** Rejects with the signal's reason when it aborts; never resolves. Stops listening when `until` aborts. */
export function aborted(signal: AbortSignal, until?: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else
      signal.addEventListener('abort', () => reject(signal.reason), {
        once: true,
        ...(until && { signal: until }),
      });
  });
}

/** Returns a function that runs each change after all earlier ones have ended, and settles like the change. */
export function serially(): <T>(change: () => T | Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (change) => {
    const result = last.then(change);
    last = result.catch(() => undefined);
    return result;
  };
}
