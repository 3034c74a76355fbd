import type { Clock, Timer } from '#kit/clock.ts';
import type { Scheduled } from '#load/phases.ts';

/** Longest timer. Node would fire a timer of more than 24 days immediately. */
const longestNapMs = 60_000;

/**
 * Returns a pump, which sends each request at its scheduled time, never earlier. Timers call its `run`. The sender also
 * calls `run` before it handles an answer, so that a request whose time has come doesn't wait behind a batch of
 * answers. Requests wait while `mayGo` returns false. The caller must call `run` when `mayGo` returns true again.
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

  /** Sends the requests whose time has come, and sets a timer for the next one. Cheap if there are none. */
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
