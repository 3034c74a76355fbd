import { wallTime } from '#kit/clock.ts';
import { roundFolder } from '#lab/evidence/format.ts';
import { readRun } from '#lab/evidence/reader.ts';
import { exitLine, worstOf } from '#lab/experiment/errors/exit-codes.ts';
import type { ExperimentFile } from '#lab/experiment/read.ts';
import { analyse } from '#lab/judge/analyse.ts';
import { askedOf } from '#lab/judge/asked.ts';
import { withSimulations } from '#lab/judge/simulations.ts';
import type { Result } from '#lab/result/result.ts';
import { createFolders, createRunFolder, folderOf, hasResult, publish, writeResult } from './run-folder.ts';

interface JudgeOptions {
  readonly experiment?: string;
  readonly out?: string;
  readonly json?: boolean;
}

/** Judges stored runs again, one after the other, and writes each result. Returns the exit code. */
export async function judgeCommand(paths: readonly string[], options: JudgeOptions): Promise<number> {
  const codes: number[] = [];
  for (const path of paths) codes.push(await judgeOne(folderOf(path), options));
  const code = worstOf(codes);
  if (!options.json) process.stdout.write(`${exitLine(code)}\n`);
  return code;
}

async function judgeOne(folder: string, options: JudgeOptions): Promise<number> {
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
  await publish(out, result, options.json ? 'json' : 'normal');
  return result.exitCode;
}

/**
 * Returns the folder for the new result. It is a new folder if the run's folder has a result, since results are never
 * replaced.
 */
function outOf(folder: string, { name, experiment }: ExperimentFile, options: JudgeOptions): string {
  if (options.out !== undefined) return createRunFolder(options.out, name, experiment.seed, wallTime());
  if (options.experiment === undefined && !hasResult(folder)) return folder;
  return createRunFolder(folder, 'judged', experiment.seed, wallTime());
}
