import { type ExperimentFile, parseExperiment, readExperiment } from '#lab/experiment/read.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';
import { run } from '#lab/runner/run.ts';
import { engines } from '#lab/testbed/engines.ts';
import type { Engine } from '#lab/testbed/testbed.ts';
import { benchFolder } from './figure.ts';

/** The variants of an experiment, given as text, on processes of this machine. Rejects when the run ends early. */
export async function oneRun(source: string): Promise<readonly VariantResult[]> {
  const { start } = engines.local({ urls: {}, ownConsumer: false });
  return unbroken(await runSource(source, start)).variants;
}

/** Runs an experiment's file on a testbed of its own, and leaves nothing behind. Rejects when something broke. */
export const runExperiment = async (file: string, startTestbed: Engine['start']): Promise<Result> =>
  unbroken(await runFile(readExperiment(file), startTestbed));

/** Runs an experiment, given as text, and leaves nothing behind. */
export const runSource = (source: string, startTestbed: Engine['start']): Promise<Result> =>
  runFile(
    { experiment: parseExperiment(source, 'bench.yaml'), name: 'bench', file: 'bench.yaml', source },
    startTestbed,
  );

async function runFile(file: ExperimentFile, startTestbed: Engine['start']): Promise<Result> {
  using folder = benchFolder();
  return await run(file, {
    folder: folder.path,
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
