import { systemClock } from '#kit/clock.ts';

/** One Ctrl-C may arrive twice: from the terminal and from npm, which passes it on. */
const sameMs = 500;

/**
 * A signal that aborts on the first SIGINT, SIGTERM or SIGHUP, so that a run can mend and stop what it has started.
 * A second one ends the process at once; the guardian then removes what is left.
 */
export function interruptSignal(exitCode: number): AbortSignal {
  const controller = new AbortController();
  let firstAtMs = Number.POSITIVE_INFINITY;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (systemClock.now() > firstAtMs + sameMs) process.exit(exitCode);
      firstAtMs = Math.min(firstAtMs, systemClock.now());
      controller.abort(new Error(`interrupted by ${name}`));
    });
  }
  return controller.signal;
}

/** Rejects with the signal's reason when it aborts; never resolves. */
export function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
}
