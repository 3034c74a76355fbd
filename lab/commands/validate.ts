import { exitCodes } from '#lab/exit-codes.ts';
import { readExperiments } from '#lab/experiment/read-all.ts';

/** Checks experiment files and starts nothing. Returns the exit code; throws ExperimentError. */
export async function validateCommand(paths: readonly string[]): Promise<number> {
  for (const { file, experiment } of readExperiments(paths)) {
    const count = Object.keys(experiment.variants).length;
    process.stdout.write(`${file}: ok, ${count} variants, ${experiment.hypothesis.length} hypotheses\n`);
  }
  return exitCodes.held;
}
