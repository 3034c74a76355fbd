import { conductOnce } from '#lab/conduct/run.ts';
import { type ExperimentFile, parseExperiment, readExperiment } from '#lab/experiment/read.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { engines } from '#lab/world/engines.ts';
import { onSockets } from '#lab/world/sockets.ts';
import type { Engine } from '#lab/world/testbed.ts';
import { benchFolder } from './figure.ts';

const local = engines.local({ urls: {}, ownConsumer: false });

/** Runs an experiment file on a new testbed, and removes all files of the run. Rejects if the run ends early. */
export async function runExperiment(file: string): Promise<Result> {
  using folder = benchFolder();
  const result = await runIn(folder.path, readExperiment(file), local);
  if (result.errors.length > 0) throw new Error(result.errors.map(({ message }) => message).join('; '));
  return result;
}

/** Runs an experiment, given as text, with its files in `folder`. */
export const runSource = (source: string, start: Engine['start'], folder: string): Promise<Result> =>
  runIn(
    folder,
    { experiment: parseExperiment(source, 'bench.yaml'), name: 'bench', file: 'bench.yaml', source },
    { ...local, start },
  );

const runIn = (folder: string, file: ExperimentFile, engine: Engine): Promise<Result> =>
  conductOnce({
    ...{ file, folder, world: onSockets(engine) },
    commandOf: () => 'bench',
    onProgress: () => undefined,
    signal: new AbortController().signal,
  });
