import { wallTime } from '#kit/clock.ts';
import { roundFolder } from '#lab/evidence/folder.ts';
import { readRun } from '#lab/evidence/read-run.ts';
import type { ExperimentFile } from '#lab/experiment/read.ts';
import { analyse } from '#lab/judge/analyse.ts';
import { askedOf } from '#lab/judge/asked.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { withSimulations } from '#lab/judge/simulations.ts';
import type { Output } from './plan.ts';
import { createFolders, createRunFolder, hasResult, readResult } from './run-folder.ts';

interface JudgeOptions {
  /** File of the experiment to judge by. @default the run's own */
  readonly experiment?: string | undefined;
  /** Folder for results. @default `judged/` in the folder of the run */
  readonly out?: string | undefined;
  readonly output: Output;
}

/**
 * Judges a stored run again, and resolves with its result. The output gets a new folder if the run's folder has a result,
 * since results are never replaced.
 */
export async function judgeAgain(folder: string, { output, ...options }: JudgeOptions): Promise<Result> {
  const evidence = await readRun(folder);
  const file = askedOf(evidence, options.experiment);
  const rounds: [seed: number, result: Result][] = [];
  const judged = await analyse(file, evidence, async (seed, round) => void rounds.push([seed, round]));
  const result = { ...withSimulations(judged, evidence), ...(await adviceIn(folder, options)) };
  const out = outOf(folder, file, options);
  for (const [seed, round] of rounds) {
    createFolders(roundFolder(out, seed));
    await output(roundFolder(out, seed), round, true);
  }
  await output(out, result, false);
  return result;
}

/** Returns the advice of the stored result. It isn't evidence, and another experiment may need other advice. */
async function adviceIn(folder: string, { experiment }: Omit<JudgeOptions, 'output'>) {
  if (experiment !== undefined || !hasResult(folder)) return {};
  const { advice } = await readResult(folder).catch((): Partial<Result> => ({})); // e.g. of an older version
  return advice && { advice };
}

function outOf(
  folder: string,
  { name, experiment }: ExperimentFile,
  options: Omit<JudgeOptions, 'output'>,
): string {
  if (options.out !== undefined) return createRunFolder(options.out, name, experiment.seed, wallTime());
  if (options.experiment === undefined && !hasResult(folder)) return folder;
  return createRunFolder(folder, 'judged', experiment.seed, wallTime());
}
