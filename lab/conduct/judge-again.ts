import { wallTime } from '#kit/clock.ts';
import { roundFolder } from '#lab/evidence/format.ts';
import { readRun } from '#lab/evidence/reader.ts';
import type { ExperimentFile } from '#lab/experiment/read.ts';
import { analyse } from '#lab/judge/analyse.ts';
import { askedOf } from '#lab/judge/asked.ts';
import { withSimulations } from '#lab/judge/simulations.ts';
import type { Result } from '#lab/result/result.ts';
import { createFolders, createRunFolder, hasResult, writeResult } from './run-folder.ts';

interface JudgeOptions {
  /** File of the experiment to judge by. @default the run's own */
  readonly experiment?: string | undefined;
  /** Folder for results. @default `judged/` in the folder of the run */
  readonly out?: string | undefined;
}

/**
 * Judges a stored run again. Writes the results of its rounds, and resolves with that of the run and with the folder for
 * it. It is a new folder if the run's folder has a result, since results are never replaced.
 */
export async function judgeAgain(
  folder: string,
  options: JudgeOptions,
): Promise<{ folder: string; result: Result }> {
  const evidence = await readRun(folder);
  const file = askedOf(evidence, options.experiment);
  const rounds: [seed: number, result: Result][] = [];
  const judged = await analyse(file, evidence, async (seed, round) => void rounds.push([seed, round]));
  const result = withSimulations(judged, folder);
  const out = outOf(folder, file, options);
  for (const [seed, round] of rounds) {
    createFolders(roundFolder(out, seed));
    await writeResult(roundFolder(out, seed), round);
  }
  return { folder: out, result };
}

function outOf(folder: string, { name, experiment }: ExperimentFile, options: JudgeOptions): string {
  if (options.out !== undefined) return createRunFolder(options.out, name, experiment.seed, wallTime());
  if (options.experiment === undefined && !hasResult(folder)) return folder;
  return createRunFolder(folder, 'judged', experiment.seed, wallTime());
}
