import type { Instead } from './check.ts';
import type { LocatedProblem } from './file/source.ts';
import { ExperimentError, type ExperimentFile, experimentError, readExperiment } from './read.ts';
import type { Experiment } from './schema.ts';

/** Reads several experiments as `readEach` does. Throws one ExperimentError for all files. */
export function readExperiments(...args: Parameters<typeof readEach>): ExperimentFile[] {
  const { files, problems } = readEach(...args);
  if (problems.length > 0) throw new ExperimentError(problems);
  return files;
}

/**
 * Reads several experiments, with what is asked for instead, and gives those that are sound beside what is wrong with
 * the others. `unsuited` says what of a sound one is asked in vain.
 */
export function readEach(
  paths: readonly string[],
  instead?: Instead,
  unsuited: (experiment: Experiment) => readonly LocatedProblem[] = () => [],
): { files: ExperimentFile[]; problems: string[] } {
  const problems: string[] = [];
  const files = paths.flatMap((path) => {
    try {
      const file = readExperiment(path, instead);
      const vain = unsuited(file.experiment);
      if (vain.length > 0) throw experimentError(vain, file);
      return [file];
    } catch (error) {
      if (!(error instanceof ExperimentError)) throw error;
      problems.push(...error.problems);
      return [];
    }
  });
  return { files, problems };
}
