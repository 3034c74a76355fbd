import { run } from '#lab/conduct/run.ts';
import { type ExperimentFile, parseExperiment, readExperiment } from '#lab/experiment/read.ts';
import type { Result } from '#lab/result/result.ts';
import type { Engine } from '#lab/world/testbed.ts';
import { benchFolder } from './figure.ts';

/** Runs an experiment file on a new testbed, and removes all files of the run. Rejects if the run ends early. */
export const runExperiment = async (file: string, startTestbed: Engine['start']): Promise<Result> =>
  unbroken(await runFile(readExperiment(file), startTestbed));

/** Runs an experiment, given as text, with its files in `folder`. */
export const runSource = (source: string, startTestbed: Engine['start'], folder: string): Promise<Result> =>
  runIn(
    folder,
    { experiment: parseExperiment(source, 'bench.yaml'), name: 'bench', file: 'bench.yaml', source },
    startTestbed,
  );

async function runFile(file: ExperimentFile, startTestbed: Engine['start']): Promise<Result> {
  using folder = benchFolder();
  return await runIn(folder.path, file, startTestbed);
}

function runIn(folder: string, file: ExperimentFile, startTestbed: Engine['start']): Promise<Result> {
  return run(file, {
    folder,
    command: 'bench',
    startTestbed,
    onProgress: () => undefined,
    signal: new AbortController().signal,
  });
}

function unbroken(result: Result): Result {
  if (result.errors.length > 0) throw new Error(result.errors.map(({ message }) => message).join('; '));
  return result;
}
