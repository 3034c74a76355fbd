import { mkdirSync } from 'node:fs';
import { systemClock } from '#kit/clock.ts';
import { repeating, roundOf } from '#lab/analysis/analyse.ts';
import { overRounds } from '#lab/analysis/over-rounds.ts';
import { roundFolder } from '#lab/evidence/format.ts';
import type { ExperimentFile } from '#lab/experiment/read.ts';
import { type Experiment, seedsOf } from '#lab/experiment/schema.ts';
import type { Result } from '#lab/result/result.ts';
import { type RunOptions, run } from '#lab/runner/run.ts';
import { headOf, RunLog } from '#lab/runner/run-log.ts';
import { writeResult } from './run-folder.ts';

interface RepeatOptions extends Omit<RunOptions, 'command' | 'turn'> {
  /** The command that runs the experiment, or one round of it, again. */
  readonly commandOf: (experiment: Experiment) => string;
}

/**
 * Runs an experiment in rounds, each with its own seed and testbed, in `rounds/<seed>` of the folder. Each round begins with
 * the next variant, so that effects of the order are spread over all. A round that ends early is the last. Rejects with
 * TestbedError like `writeResult`.
 */
export async function repeat(
  file: ExperimentFile,
  { commandOf, ...options }: RepeatOptions,
): Promise<Result> {
  const { experiment } = file;
  const { clock = systemClock, folder, onProgress } = options;
  if (experiment.repeat === 1) return run(file, { ...options, command: commandOf(experiment) });
  const command = commandOf(experiment);
  const log = new RunLog(folder, clock);
  log.add(headOf(file, { ...options, command, turn: 0 }));
  const rounds: Result[] = [];
  let { capacity, pace } = options;
  for (const [index, seed] of seedsOf(experiment).entries()) {
    log.add({ record: 'round', seed, atMs: log.elapsedMs });
    const one = roundOf(file, seed);
    const round = { seed, index, of: experiment.repeat };
    const own = roundFolder(folder, seed);
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
  const durationMs = log.end(options.signal);
  log.close();
  return overRounds(rounds, { command: repeating(command, rounds[0]!), durationMs });
}
