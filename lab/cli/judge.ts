import { join } from 'node:path';
import { wallTime } from '#kit/clock.ts';
import { analyse } from '#lab/analysis/analyse.ts';
import { withSimulations } from '#lab/analysis/simulations.ts';
import { unanswerable } from '#lab/analysis/unanswerable.ts';
import { exitLine, worstOf } from '#lab/errors/exit-codes.ts';
import { InputError } from '#lab/errors/input-error.ts';
import { EvidenceError } from '#lab/evidence/evidence-error.ts';
import { evidenceFile, roundFolder } from '#lab/evidence/format.ts';
import { type RunEvidence, readRun } from '#lab/evidence/reader.ts';
import { withRecordings } from '#lab/evidence/recordings.ts';
import { check } from '#lab/experiment/check.ts';
import { type ExperimentFile, readExperiment } from '#lab/experiment/read.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
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

/** Returns the experiment of the given file; without a file, the conducted experiment. Throws InputError. */
function askedOf(evidence: RunEvidence, path: string | undefined): ExperimentFile {
  const { folder } = evidence;
  const [head] = evidence.records;
  if (head?.record !== 'run') throw new Error('expected the record run');
  const conducted = check(head.experiment, folder);
  if (Array.isArray(conducted)) {
    const [first] = conducted;
    throw new EvidenceError(`experiment${first?.pointer}: ${first?.message}`, {
      file: join(folder, evidenceFile),
      record: 1,
    });
  }
  const { name, file, source, instead, leftOut } = head;
  if (path === undefined) return { name, file, source, instead, leftOut, experiment: conducted };
  const asked = readExperiment(path, instead, leftOut && Object.keys(conducted.variants));
  const fields = unanswerable(withText(conducted), withText(asked.experiment));
  if (fields.length === 0) return asked;
  throw new InputError(
    `${path}: the evidence of ${folder} does not cover changes of ${fields.join(', ')}: run the experiment instead`,
  );
}

const withText = (experiment: Experiment): Experiment => ({
  ...experiment,
  load: withRecordings(experiment.load),
});
