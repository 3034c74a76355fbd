import { type ExperimentFile, warningsOf } from '#lab/experiment/read.ts';
import { printable } from '#lab/kit/text/printable.ts';

export function warn(files: readonly ExperimentFile[]): void {
  for (const line of files.flatMap(warningsOf)) process.stderr.write(`${printable(line)}\n`);
}
