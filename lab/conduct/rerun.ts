import { isEqual } from '#kit/json.ts';
import { version } from '#kit/process/installation.ts';
import type { SlowMotion } from '#lab/evidence/conditions.ts';
import { readRun } from '#lab/evidence/read-run.ts';
import { onlyVariants } from '#lab/experiment/only.ts';
import type { ExperimentFile } from '#lab/experiment/read.ts';
import { askedOf } from '#lab/judge/asked.ts';
import { disturbedIn } from '#lab/judge/result/facts.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { InputError, RunFolderError } from '#lab/kit/errors/input-error.ts';
import { changedKeys } from '#lab/kit/text/flatten.ts';
import { rerunLine } from '#lab/show/advice.ts';
import { readResult } from './run-folder.ts';

/** Stored run of which variants are conducted again. */
export interface Rerun {
  readonly folder: string;
  /** Pace of the run; undefined at full speed. */
  readonly pace: SlowMotion | undefined;
}

/** Throws InputError with the reasons why figures of `file` can't stand beside those of the run in a folder. */
export async function rerunOf(
  folder: string,
  file: ExperimentFile,
  lineOf: (file: string) => string,
): Promise<Rerun> {
  const evidence = await readRun(folder);
  if (evidence.records.at(-1)?.record !== 'end')
    throw new RunFolderError(
      `--into ${folder}: the run has not ended: it is being written, or it was killed`,
    );
  const result = await readResult(folder);
  if (result.simulated)
    throw new RunFolderError(`--into ${folder}: the run is a simulation, so repeat it as a whole`);
  if (result.errors.length > 0 || result.status === 'interrupted')
    throw new RunFolderError(`--into ${folder}: the run was stopped or failed, so run it again as a whole`);
  const disturbed = disturbedIn(result);
  if (disturbed.length === 0)
    throw new InputError(`--into ${folder}: no variant of the run was disturbed, so all figures stand`);
  const problems = problemsOf(result, askedOf(evidence), file, lineOf(result.experiment.file));
  const expected = `expected \`${rerunLine(result.command, disturbed, folder)}\``;
  if (problems.length > 0) throw new InputError(`--into ${folder}: ${problems.join('; ')}; ${expected}`);
  return { folder, pace: result.slowMotion };
}

function problemsOf(result: Result, conducted: ExperimentFile, file: ExperimentFile, line: string): string[] {
  if (result.experiment.name !== file.name)
    return [`the run is of ${result.experiment.name}, not of ${file.name}`];
  const { slowMotion } = file.experiment;
  const names = Object.keys(file.experiment.variants);
  const left = names.filter((name) => !Object.hasOwn(conducted.experiment.variants, name));
  const undisturbed = names.filter((name) => !left.includes(name) && !disturbedIn(result).includes(name));
  const before = onlyVariants(conducted.experiment, names).experiment;
  // `auto` was replaced by the factor that it chose.
  const isAsSlow = slowMotion === (result.slowMotion?.factor ?? 1);
  const after = { ...file.experiment, ...(isAsSlow && { slowMotion: before.slowMotion }) };
  const changed = changedKeys(before, after);
  return [
    ...(result.spillway === version
      ? []
      : [`the run is by Spillway ${result.spillway}, and this is ${version}`]),
    ...left.map((name) => `the run left out ${name}`),
    ...undisturbed.map((name) => `${name} was not disturbed, so it stands`),
    ...(result.experiment.source === file.source ? [] : [`${file.file} has changed since the run`]),
    ...(result.experiment.source === file.source && left.length === 0 && changed.length > 0
      ? [`the run has another ${changed.join(', ')}`]
      : []),
    ...(isEqual(optionsIn(result.command), optionsIn(line)) ? [] : ['the run has other options']),
  ];
}

/** Returns a command line's words after `run`, without those that an experiment or `rerunOf` compares. */
const optionsIn = (line: string): string =>
  line.replace(/^.*? run /, '').replaceAll(/ --(only|into|seed|repeat|slow-motion) \S+/g, '');
