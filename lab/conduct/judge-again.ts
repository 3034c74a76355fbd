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

/** Judges a stored run again. Its result gets a new folder if the run has one, since results are never replaced. */
export async function judgeAgain(folder: string, options: JudgeOptions): Promise<Result> {
  const { experiment, output } = options;
  const evidence = await readRun(folder);
  const file = askedOf(evidence, experiment);
  const rounds: [seed: number, result: Result][] = [];
  const judged = await analyse(file, evidence, async (seed, round) => void rounds.push([seed, round]));
  const advice = experiment === undefined && hasResult(folder) && (await adviceIn(folder));
  const result = { ...withSimulations(judged, evidence), ...(advice && { advice }) };
  const out = outOf(folder, file, options);
  for (const [seed, round] of rounds) {
    createFolders(roundFolder(out, seed));
    await output(roundFolder(out, seed), round, true);
  }
  await output(out, result, false);
  return result;
}

/** Returns the advice of the stored result. It isn't evidence, and another experiment may need other advice. */
const adviceIn = (folder: string): Promise<Result['advice']> =>
  readResult(folder).then(
    ({ advice }) => advice,
    () => undefined, // e.g. of an older version
  );

function outOf(folder: string, file: ExperimentFile, { experiment, out }: JudgeOptions): string {
  const { seed } = file.experiment;
  if (out !== undefined) return createRunFolder(out, file.name, seed, wallTime());
  if (experiment === undefined && !hasResult(folder)) return folder;
  return createRunFolder(folder, 'judged', seed, wallTime());
}
