import { refusalOf } from '#kit/process/fs-errors.ts';
import { exitCodes } from '#lab/errors/exit-codes.ts';

/** Whether a write failed because whoever reads the output has gone, as `head` does. */
export const isUnread = (error: Error): boolean => 'code' in error && error.code === 'EPIPE';

/** Makes output that nobody reads end quietly, and output that can't be written end with its reason and exit code 1. */
export function watchOutput(): void {
  let failure: string | undefined;
  process.stdout.on('error', (error) => {
    if (!isUnread(error)) failure ??= refusalOf(error);
  });
  process.stderr.on('error', () => undefined); // there is no other place to say so
  process.on('exit', () => {
    if (failure === undefined) return;
    process.stderr.write(`cannot write the output: ${failure}\n`);
    process.exitCode = exitCodes.internal;
  });
}
