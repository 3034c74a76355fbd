import { ExperimentError, type ExperimentFile, readExperiment } from './read.ts';

/** Reads several experiments, with another seed where one is given. Throws one ExperimentError for all files. */
export function readExperiments(paths: readonly string[], seed?: number): ExperimentFile[] {
  const problems: string[] = [];
  const files = paths.flatMap((path) => {
    try {
      return [readExperiment(path)];
    } catch (error) {
      if (!(error instanceof ExperimentError)) throw error;
      problems.push(...error.problems);
      return [];
    }
  });
  if (problems.length > 0) throw new ExperimentError(problems);
  return files.map((file) =>
    seed === undefined ? file : { ...file, experiment: { ...file.experiment, seed } },
  );
}
