import { exitCodes } from '#lab/errors/exit-codes.ts';
import { type ExperimentFile, warningsOf } from '#lab/experiment/read.ts';
import { readExperiments } from '#lab/experiment/read-all.ts';
import { plain } from '#lab/report/terminal/plain.ts';
import { plural } from '#lab/text/format.ts';
import { printable } from '#lab/text/printable.ts';

/** Checks experiment files and starts nothing. Returns the exit code; throws ExperimentError. */
export async function validateCommand(paths: readonly string[]): Promise<number> {
  const files = readExperiments(paths);
  warn(files);
  for (const { file, experiment } of files) {
    const parts = [
      plural(Object.keys(experiment.variants).length, 'variant'),
      plural(experiment.hypothesis.length, 'hypothesis'),
      ...(experiment.repeat > 1 ? [plural(experiment.repeat, 'round')] : []),
    ];
    process.stdout.write(plain(`${file}: ok, ${parts.join(', ')}\n`));
  }
  return exitCodes.held;
}

/** Writes the warnings about experiments to stderr. */
export function warn(files: readonly ExperimentFile[]): void {
  for (const line of files.flatMap(warningsOf)) process.stderr.write(`${printable(line)}\n`);
}
