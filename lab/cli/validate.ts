import { exitCodes } from '#lab/experiment/errors/exit-codes.ts';
import { ExperimentError, type ExperimentFile, readEach, warningsOf } from '#lab/experiment/read.ts';
import { plain, plural } from '#lab/experiment/text/format.ts';
import { printable } from '#lab/experiment/text/printable.ts';

/** Checks experiment files. Throws ExperimentError for all wrong ones, once it has printed a line for each good one. */
export async function validateCommand(paths: readonly string[]): Promise<number> {
  const { files, problems } = readEach(paths);
  warn(files);
  for (const { file, experiment } of files) {
    const { variants, hypothesis, repeat } = experiment;
    const parts = [plural(Object.keys(variants).length, 'variant'), plural(hypothesis.length, 'hypothesis')];
    if (repeat > 1) parts.push(plural(repeat, 'round'));
    process.stdout.write(plain(`${file}: ok, ${parts.join(', ')}\n`));
  }
  if (problems.length > 0) throw new ExperimentError(problems);
  return exitCodes.held;
}

/** Writes the warnings about experiments to stderr. */
export function warn(files: readonly ExperimentFile[]): void {
  for (const line of files.flatMap(warningsOf)) process.stderr.write(`${printable(line)}\n`);
}
