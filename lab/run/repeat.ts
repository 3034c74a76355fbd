import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '#kit/clock.ts';
import { overRounds } from '#lab/analysis/over-rounds.ts';
import type { ExperimentFile } from '#lab/experiment/read.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { seedsOf } from '#lab/experiment/seeds.ts';
import { writeResult } from '#lab/folder.ts';
import type { Result } from '#lab/result/result.ts';
import { type RunOptions, repeating, run } from './run.ts';

interface Options extends Omit<RunOptions, 'command' | 'turn'> {
  /** The command that runs the experiment, or one round of it, again. */
  readonly commandOf: (experiment: Experiment) => string;
}

/**
 * Runs an experiment in as many rounds as it asks for, each a run of all variants with a seed and a testbed of its own,
 * in `rounds/<seed>` of the folder. Each begins with the next variant, so that what comes of a place among them, as on a disk
 * that is warm by then, is spread over all. A round that ends early is the last. Rejects with TestbedError as `writeResult` does.
 */
export async function repeat(file: ExperimentFile, { commandOf, ...options }: Options): Promise<Result> {
  const { experiment } = file;
  const { clock = systemClock, folder, onProgress } = options;
  if (experiment.repeat === 1) return run(file, { ...options, command: commandOf(experiment) });
  const startedAtMs = clock.now();
  const rounds: Result[] = [];
  let { capacity, pace } = options;
  for (const [index, seed] of seedsOf(experiment).entries()) {
    const one = { ...file, experiment: { ...experiment, seed, repeat: 1 } };
    const round = { seed, index, of: experiment.repeat };
    const own = join(folder, 'rounds', String(seed));
    mkdirSync(own, { recursive: true });
    const result = await run(one, {
      ...options,
      capacity,
      pace,
      turn: index,
      folder: own,
      command: commandOf(one.experiment),
      onProgress: (progress) => onProgress({ ...progress, round }),
    });
    await writeResult(own, result);
    rounds.push(result);
    // All rounds get the same load and the same pace.
    capacity ??= result.capacity?.perSecond;
    pace ??= result.slowMotion;
    if (result.errors.length > 0) break;
  }
  const command = repeating(commandOf(experiment), options.capacity, rounds[0] ?? {});
  return overRounds(rounds, { command, durationMs: clock.now() - startedAtMs });
}
