import { type Clock, sleep } from '#kit/clock.ts';

/** Acts at each time after the start, one after the other; at the stop on the rest, with an aborted signal. */
export function timed<T extends { readonly atMs: number }>(
  plans: readonly T[],
  clock: Clock,
  act: (plan: T, signal: AbortSignal) => Promise<void>,
) {
  const stopping = new AbortController();
  const { signal } = stopping;
  const failing = Promise.withResolvers<never>();
  failing.promise.catch(() => undefined);
  let over: Promise<void> = Promise.resolve();

  async function all(startedAtMs: number): Promise<void> {
    for (const plan of plans.toSorted((a, b) => a.atMs - b.atMs)) {
      const waitMs = Math.max(0, startedAtMs + plan.atMs - clock.now());
      await sleep(waitMs, clock, signal).catch(() => undefined);
      await act(plan, signal);
    }
  }

  return {
    /** Rejects as soon as an act fails. Never resolves. */
    failed: failing.promise,
    begin(startedAtMs: number): void {
      over = all(startedAtMs).catch(failing.reject);
    },
    /** Ends the current act, and begins no more. Resolves when it has ended. */
    stop(): Promise<void> {
      stopping.abort();
      return over;
    },
  };
}
