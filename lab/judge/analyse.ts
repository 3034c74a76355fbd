import { join } from 'node:path';
import { isEqual } from '#kit/json.ts';
import type { RunError } from '#lab/evidence/conditions.ts';
import { EvidenceError } from '#lab/evidence/evidence-error.ts';
import { evidenceFile, type RunRecord } from '#lab/evidence/format.ts';
import { type Rerun, type RunEvidence, readRound } from '#lab/evidence/read-run.ts';
import type { ExperimentFile } from '#lab/experiment/read.ts';
import { type Experiment, seedsOf } from '#lab/experiment/schema.ts';
import { analyseVariant, type VariantAnalysis } from './analyse-variant.ts';
import { clocksChecked, stallsChecked } from './claims.ts';
import { judge } from './hypotheses/hypothesis.ts';
import { judgedBy, verdict } from './hypotheses/verdict.ts';
import { overRounds } from './over-rounds.ts';
import { type Result, resultVersion } from './result/result.ts';
import type { Machine } from './validity/limits.ts';

/**
 * Judges evidence that can answer the experiment (see `unanswerable`). Of rounds `onRound` gets each. Rejects with
 * EvidenceError.
 */
export async function analyse(
  file: ExperimentFile,
  evidence: RunEvidence,
  onRound: (seed: number, result: Result) => Promise<void> = async () => undefined,
): Promise<Result> {
  const { run, seeds, isCutOff, isWhole, durationMs } = factsOf(evidence);
  if (run.experiment.repeat === 1) return analyseOne(file, evidence);
  const rounds: Result[] = [];
  for (const seed of seeds) {
    const round = await readRound(evidence, seed).catch((error) => {
      // The lab may have been killed before it wrote the record of its last round.
      if (isCutOff && seed === seeds.at(-1)) return undefined;
      throw error;
    });
    if (!round) break;
    const result = await analyseOne(roundOf(file, seed), round);
    await onRound(seed, result);
    rounds.push(result);
  }
  if (isWhole && rounds.every(({ errors }) => errors.length === 0))
    requireAll('round of each seed', seedsOf(file.experiment), seeds, evidence.folder);
  const place = { file: join(evidence.folder, evidenceFile), record: evidence.records.length };
  if (!rounds[0]) throw new EvidenceError('expected a round after it', place);
  const result = overRounds(rounds, {
    ...{ command: repeating(run.command, rounds[0]), durationMs },
    ...folderOf(run, evidence.folder),
  });
  if (!isCutOff || result.errors.length > 0) return result;
  const errors = [killedError(evidence)];
  return { ...result, errors, ...verdict({ ...result, errors, interrupted: true }) };
}

export const roundOf = (file: ExperimentFile, seed: number): ExperimentFile => ({
  ...file,
  experiment: { ...file.experiment, seed, repeat: 1 },
  instead: { ...file.instead, seed, repeat: 1 },
});

/** Returns the hypotheses that no stall decides, by simulations with the same rule of recovery. */
function acquittedIn(evidence: RunEvidence, conducted: Experiment, { recovery }: Experiment): string[] {
  // Earlier evidence has further fields.
  const isSame = isEqual({ ...conducted.recovery, ...recovery }, conducted.recovery);
  return (isSame && evidence.simulations()?.acquitted) || [];
}

async function analyseOne(file: ExperimentFile, evidence: RunEvidence): Promise<Result> {
  const { experiment } = file;
  const { reruns = [] } = evidence;
  const { title, description, seed, deadlineMs } = experiment;
  const facts = factsOf(evidence);
  const { run, slowMotion } = facts;
  if (facts.isWhole)
    requireAll('complete of each variant', Object.keys(experiment.variants), facts.complete, evidence.folder);
  const machine: Machine = { ...facts.machine, ...(slowMotion && { slowMotion }) };
  const analysed = await analyseVariants(experiment, evidence, facts, machine);
  const variants = analysed.map(({ variant }) => variant);
  const figures = analysed.flatMap(({ figures }) => figures);
  for (const text of acquittedIn(evidence, run.experiment, experiment))
    for (const { lastEnds } of analysed) lastEnds.delete(text);
  const judged = { experiment, figures, machine };
  const validity = analysed.flatMap(({ variant, validity, lastEnds, comparesClocks }) => [
    ...validity,
    stallsChecked(judged, variant, lastEnds),
    ...clocksChecked(judged, variant, comparesClocks),
  ]);
  const hypotheses = judgedBy(
    validity,
    experiment.hypothesis.map((text) => judge(text, figures)),
  );
  const errors = [
    ...facts.errors,
    ...(facts.isCutOff ? [{ ...killedError(evidence), ...facts.underWay }] : []),
  ];
  return {
    version: resultVersion,
    spillway: run.spillway,
    ...verdict({ errors, validity, hypotheses, interrupted: facts.interrupted }),
    errors,
    experiment: {
      name: file.name,
      file: file.file,
      title,
      description,
      seed,
      deadlineMs,
      source: file.source,
    },
    command: repeating(run.command, facts),
    ...folderOf(run, evidence.folder),
    ...(run.label !== undefined && { label: run.label }),
    startedAt: run.startedAt,
    durationMs: facts.durationMs,
    machine: facts.machine,
    ...(slowMotion && { slowMotion }),
    ...(facts.foreign.length > 0 && { foreign: [...facts.foreign] }),
    ...(run.withoutFaults && { withoutFaults: true }),
    ...(run.simulated && { simulated: true }),
    ...(file.leftOut && { leftOut: file.leftOut }),
    ...(reruns.length > 0 && { reruns: reruns.map(rerunResult) }),
    validity,
    hypotheses,
    variants,
    figures,
  };
}

/** Returns the folder of a run. A simulation has no part that could be conducted again in it. */
const folderOf = ({ simulated }: Facts['run'], folder: string) => (simulated ? {} : { folder });

const rerunResult = ({ startedAt, variants, isFinished, otherMachine }: Rerun) => ({
  ...{ startedAt, variants: [...variants], finished: isFinished },
  ...(otherMachine !== undefined && { otherMachine }),
});

/** Throws EvidenceError if a run that ended by itself lacks a record. Without it, hypotheses would not be judged. */
function requireAll<T>(what: string, expected: readonly T[], found: readonly T[], folder: string): void {
  const missing = expected.filter((each) => !found.includes(each));
  const message = `expected a record ${what} before the record end, missing ${missing.join(', ')}`;
  if (missing.length > 0) throw new EvidenceError(message, { file: join(folder, evidenceFile) });
}

async function analyseVariants(
  experiment: Experiment,
  evidence: RunEvidence,
  { run, complete, foreign }: Facts,
  machine: Machine,
): Promise<VariantAnalysis[]> {
  const names = Object.keys(experiment.variants);
  const unknown = complete.find((name) => !names.includes(name));
  const file = join(evidence.folder, evidenceFile);
  if (unknown !== undefined)
    throw new EvidenceError(`expected variants of the experiment, got ${unknown}`, { file });
  const analysed: VariantAnalysis[] = [];
  for (const name of names.filter((name) => complete.includes(name))) {
    const source = {
      store: evidence.variant(name),
      name,
      foreign,
      slowMotion: machine.slowMotion?.factor ?? 1,
      conducted: run.experiment,
    };
    analysed.push(await analyseVariant(experiment, source, machine));
  }
  return analysed;
}

/** Returns a command that repeats a run with the factor of slow motion that it measured. */
export const repeating = (command: string, { slowMotion }: Partial<Pick<Facts, 'slowMotion'>>): string =>
  slowMotion?.asked === 'auto' ? `${command} --slow-motion ${slowMotion.factor}` : command;

type Facts = ReturnType<typeof factsOf>;

function factsOf({ records }: RunEvidence) {
  const all = <K extends RunRecord['record']>(name: K) =>
    records.filter((record): record is Extract<RunRecord, { record: K }> => record.record === name);
  const run = all('run')[0]!;
  const [testbed] = all('testbed');
  const [end] = all('end');
  const complete = all('complete').map(({ name }) => name);
  const errors = all('error').map(({ record: _, ...error }): RunError => error);
  return {
    run,
    machine: { ...run.machine, nats: testbed?.nats ?? '' },
    foreign: testbed?.foreign ?? [],
    slowMotion: all('slow-motion').at(-1)?.pace,
    seeds: all('round').map(({ seed }) => seed),
    complete,
    errors,
    isCutOff: !end,
    isWhole: end?.interrupted === false && errors.length === 0,
    interrupted: end?.interrupted ?? true,
    durationMs:
      end?.atMs ??
      Math.max(0, ...[...all('variant'), ...all('complete'), ...all('round')].map(({ atMs }) => atMs)),
    underWay: all('variant').flatMap(({ name: variant }) =>
      complete.includes(variant) || errors.some((error) => error.variant === variant) ? [] : { variant },
    )[0],
  };
}

const killedError = ({ folder, records }: RunEvidence): RunError => ({
  name: 'interrupted',
  message: `the lab was killed: ${join(folder, evidenceFile)} has no record end after record ${records.length}`,
});
