import { systemClock } from '#kit/clock.ts';
import { isUnread } from './output.ts';

/** One Ctrl-C may arrive twice: from the terminal and from npm, which passes it on. */
const sameMs = 500;

const stopping =
  'Interrupted: mending, then stopping. Another Ctrl-C, after half a second, leaves without a report.';
const left = 'Interrupted again: left at once, without a report.';

/**
 * A signal that aborts on the first SIGINT, SIGTERM or SIGHUP, and when nobody reads the output any more, so that a run
 * can mend and stop what it has started. A second one, more than `sameMs` later, ends the process at once; the guardian then removes what is left.
 * `tell` gets a line of each for the user, who would otherwise see nothing for as long as stopping takes.
 */
export function interruptSignal(
  exitCode: number,
  tell: (line: string) => void = () => undefined,
): AbortSignal {
  const controller = new AbortController();
  let firstAtMs = Number.POSITIVE_INFINITY;
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (systemClock.now() > firstAtMs + sameMs) {
        tell(left);
        process.exit(exitCode);
      }
      if (firstAtMs === Number.POSITIVE_INFINITY) tell(stopping);
      firstAtMs = Math.min(firstAtMs, systemClock.now());
      controller.abort(new Error(`the command got ${name}`));
    });
  }
  for (const output of [process.stdout, process.stderr]) {
    output.on('error', (error) => {
      if (isUnread(error)) controller.abort(new Error('interrupted: nobody reads the output'));
    });
  }
  return controller.signal;
}
