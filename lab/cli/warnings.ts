import { type ExperimentFile, warningsOf } from '#lab/experiment/read.ts';
import { printable } from '#lab/experiment/text/printable.ts';

/** Writes the warnings about experiments to stderr. */
export function warn(files: readonly ExperimentFile[]): void {
  for (const line of files.flatMap(warningsOf)) process.stderr.write(`${printable(line)}\n`);
}
