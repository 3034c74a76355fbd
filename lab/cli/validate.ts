import { exitCodes } from '#lab/errors/exit-codes.ts';
import { readExperiments } from '#lab/experiment/read.ts';
import { plain } from '#lab/report/terminal/plain.ts';
import { plural } from '#lab/text/format.ts';
import { warn } from './warn.ts';

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
