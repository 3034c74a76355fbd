import { systemClock } from '#kit/clock.ts';
import { refusalOf } from '#kit/system-errors.ts';
import { exitCodes } from '#lab/kit/errors/exit-codes.ts';
import { clear, lineTo } from './live.ts';

/** Time within which one Ctrl-C may arrive twice: from the terminal, and forwarded by npm. */
const sameMs = 500;

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const stopping = 'Interrupted: stopping. Another Ctrl-C, after half a second, exits without a report.';
const left = 'Interrupted again: exited at once, without a report.';

/**
 * Exits the process on a signal until an `interruptSignal` listens for it, such as while the code of a command is loaded.
 * Not for commands with long work before that, since a handler has to wait for the event loop.
 */
export function exitOnSignals(): void {
  for (const name of signals)
    process.on(name, () => {
      if (process.listenerCount(name) === 1) process.exit(exitCodes.interrupted);
    });
}

/** Says what an interrupted command leaves, and exits the process. */
export function exitInterrupted(left: string): never {
  process.stderr.write(`\nInterrupted: ${left}\n`);
  process.exit(exitCodes.interrupted);
}

/**
 * Returns a signal that aborts on the first SIGINT, SIGTERM or SIGHUP, or when the reader of the output closes it. A
 * second SIGINT, SIGTERM or SIGHUP, more than `sameMs` later, exits the process at once, and the guardian cleans up.
 * Each time, `report` receives a line for the user, since stopping takes a while.
 */
export function interruptSignal(report: (line: string) => void = () => undefined): AbortSignal {
  const controller = new AbortController();
  let firstAtMs = Number.POSITIVE_INFINITY;
  const interrupt = (name: NodeJS.Signals) => {
    if (systemClock.now() > firstAtMs + sameMs) {
      report(left);
      process.exit(exitCodes.interrupted);
    }
    if (firstAtMs === Number.POSITIVE_INFINITY) report(stopping);
    firstAtMs = Math.min(firstAtMs, systemClock.now());
    controller.abort(new Error(`the command received ${name}`));
  };
  const fail = (error: Error) => {
    if (isUnread(error)) controller.abort(new Error('interrupted: the reader closed the output'));
  };
  for (const name of signals) process.on(name, interrupt);
  for (const output of [process.stdout, process.stderr]) output.on('error', fail);
  return controller.signal;
}

/** Does the work of a command with progress on stderr, and makes its exit code, or that of an interruption, the process's. */
export async function interruptible(work: (signal: AbortSignal) => Promise<number>): Promise<void> {
  const signal = interruptSignal(lineTo(process.stderr));
  try {
    process.exitCode = await work(signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    process.exitCode = exitCodes.interrupted;
  } finally {
    clear(process.stderr);
  }
}

/** True if a write failed because the program that reads the output, such as `head`, has closed it. */
const isUnread = (error: Error): boolean => 'code' in error && error.code === 'EPIPE';

/** Ignores that the reader closes the output. Any other failed write is reported at exit, with exit code 1. */
export function watchOutput(): void {
  let failure: string | undefined;
  process.stdout.on('error', (error) => {
    if (!isUnread(error)) failure ??= refusalOf(error);
  });
  process.stderr.on('error', () => undefined); // a failure of stderr can't be reported
  process.on('exit', () => {
    if (failure === undefined) return;
    process.stderr.write(`cannot write the output: ${failure}\n`);
    process.exitCode = exitCodes.internal;
  });
}
