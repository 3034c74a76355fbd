import type { Clock, Timer } from '#kit/clock.ts';
import type { Scheduled } from '#load/phases.ts';

/** Longest timer; Node fires timers of more than 24 days at once. */
const longestNapMs = 60_000;

/**
 * Sends each request at its scheduled time, never earlier. Timers call `run`. The sender also calls it before it
 * handles an answer, so that due requests don't wait behind a batch of answers. Requests wait while `mayGo` returns
 * false; the caller must call `run` when that changes.
 */
export function pumpOf(
  clock: Clock,
  schedule: Iterable<Scheduled>,
  send: (due: Scheduled) => void,
  mayGo: () => boolean = () => true,
) {
  const requests = schedule[Symbol.iterator]();
  const advance = (): Scheduled | undefined => requests.next().value ?? undefined;
  let startAtMs: number | undefined;
  let timer: Timer;
  let next = advance();

  /** Sends due requests, and sets a timer for the next. Cheap if none is due. */
  const run = (): void => {
    if (startAtMs === undefined) return;
    const nowMs = clock.now() - startAtMs;
    while (next && next.scheduledAtMs <= nowMs && mayGo()) {
      const due = next;
      next = advance();
      send(due);
    }
    if (!next || next.scheduledAtMs <= nowMs || timer !== undefined) return;
    timer = clock.after(Math.min(longestNapMs, next.scheduledAtMs - nowMs), () => {
      timer = undefined;
      run();
    });
  };
  return {
    run,
    /** Starts. Scheduled times count from `atMs` on the clock. */
    start(atMs: number): void {
      startAtMs = atMs;
      run();
    },
    get isDone(): boolean {
      return next === undefined;
    },
    stop(): void {
      next = undefined;
      clock.cancel(timer);
    },
  };
}
