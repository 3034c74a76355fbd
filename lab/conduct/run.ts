import { mkdirSync } from 'node:fs';
import { type Clock, systemClock } from '#kit/clock.ts';
import { variantFolder } from '#lab/evidence/format.ts';
import type { RunEvidence } from '#lab/evidence/reader.ts';
import { leastMsOfRound } from '#lab/experiment/least-time.ts';
import type { ExperimentFile } from '#lab/experiment/read.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { analyse } from '#lab/judge/analyse.ts';
import type { SlowMotion } from '#lab/result/conditions.ts';
import type { Result } from '#lab/result/result.ts';
import { durationMs } from '#load/phases.ts';
import type { Counts } from '#load/protocol.ts';
import { observe } from './observe.ts';
import {
  closeTestbed,
  foreignOn,
  type OpenOptions,
  type OpenTestbed,
  openTestbed,
  type StageProgress,
  type VariantTestbed,
} from './open-testbed.ts';
import { measurePace, slowerAfter } from './pace.ts';
import { describe, type HeadOptions, headOf, RunLog } from './run-log.ts';

export type Progress = (
  | VariantProgress
  | { readonly stage: 'pace'; readonly chosen?: ChosenPace }
  | { readonly stage: 'prediction'; readonly done: number; readonly of: number }
) & {
  readonly round?: Round;
};

/** Pace of a run, with the shortest real time of a round and the longest real time of its drains. */
type ChosenPace = ReturnType<typeof timesOf>;

export interface VariantProgress extends Partial<StageProgress> {
  readonly variant: string;
  /** Index of the variant, from 0. */
  readonly index: number;
  readonly of: number;
  readonly stage: 'warm-up' | 'run' | 'drain' | 'complete';
  /** Real duration of the load. */
  readonly loadMs: number;
  /** Real time of a deadline. */
  readonly deadlineMs: number;
  readonly round?: Round;
}

/** Current round, if there are several. `index` counts from 0. */
interface Round {
  readonly seed: number;
  readonly index: number;
  readonly of: number;
}

export interface ConductOptions extends Omit<OpenOptions, 'startTestbed' | 'openGenerator'>, HeadOptions {
  /** Pace for `slowMotion: auto` that was measured before, e.g. in the first round. */
  readonly pace?: SlowMotion | undefined;
  readonly onProgress: (progress: Progress) => void;
}

/** Conducts an experiment and resolves with its result, even if the run ended early. */
export type Conduct = (file: ExperimentFile, options: ConductOptions) => Promise<Result>;

export type RunOptions = ConductOptions & Pick<OpenOptions, 'startTestbed' | 'openGenerator'>;

/**
 * Conducts the variants of an experiment one after another, and resolves with its result, even if the run ended early.
 */
export function run(file: ExperimentFile, options: RunOptions): Promise<Result> {
  const { clock = systemClock } = options;
  return logged(file, options, clock, (log) => conductRun(file, options, log));
}

/** Calls `conduct`, which adds the records of a run to a log, and resolves with the result of these records. */
export async function logged(
  file: ExperimentFile,
  { folder, signal }: Pick<ConductOptions, 'folder' | 'signal'>,
  clock: Clock,
  conduct: (log: RunLog) => Promise<void>,
): Promise<Result> {
  const log = new RunLog(folder, clock);
  try {
    await conduct(log).catch((error) => log.endBy(error, signal));
    log.end(signal);
    return await resultOf(file, { folder, records: log.records });
  } finally {
    log.close();
  }
}

/** Returns the result of a run. If the evidence can't be analysed, the result has an error instead of variants. */
export function resultOf(file: ExperimentFile, evidence: RunEvidence): Promise<Result> {
  return analyse(file, evidence).catch((error) => {
    const records = evidence.records.filter(({ record }) => record !== 'complete');
    return analyse(file, { ...evidence, records: [...records, { record: 'error', ...describe(error) }] });
  });
}

/**
 * Conducts all variants. Adds errors for faults that could not be cleared, and for a testbed that could not be stopped.
 */
async function conductRun(file: ExperimentFile, options: RunOptions, log: RunLog): Promise<void> {
  const { experiment } = file;
  const head = headOf(file, options);
  const { machine } = head;
  log.add(head);
  const open = await openTestbed(experiment, machine, options);
  try {
    const nats = open.broker.info?.version ?? '';
    log.add({ record: 'testbed', nats, foreign: foreignOn(open) });
    const slow = { ...open };
    const slowDown = (pace: SlowMotion) => {
      log.add({ record: 'slow-motion', pace });
      Object.assign(slow, { slowMotion: pace.factor, machine: { ...machine, slowMotion: pace } });
    };
    const pace = await paceOf(open, options);
    if (pace) slowDown(pace);
    /** Pace of the first variant, as long as it may turn out to be too fast. */
    let trial = pace?.asked === 'auto' && !options.pace ? pace : undefined;
    await conductVariants(slow, options, log, async function conduct(name, folder, onProgress) {
      const counts = await observe({ ...slow, onProgress }, name, folder);
      trial = trial && (await slowerAfter(trial, slow, name, folder));
      if (!trial) return counts;
      slowDown(trial);
      options.onProgress({ stage: 'pace', chosen: timesOf(open.experiment, trial) });
      return conduct(name, folder, onProgress); // replaces the evidence
    });
  } catch (error) {
    log.endBy(error, options.signal);
    const beside = open.uncleared.filter((reason) => options.signal.aborted || reason !== error);
    for (const reason of beside) log.addError(describe(reason));
  } finally {
    await closeTestbed(open).catch((error) => log.addError(describe(error)));
  }
}

/** Returns the slow motion; undefined at full speed. Measures its factor if the experiment has `auto`. */
async function paceOf(open: OpenTestbed, { pace, onProgress }: RunOptions): Promise<SlowMotion | undefined> {
  const { slowMotion } = open.experiment;
  if (slowMotion === 1) return undefined;
  if (slowMotion !== 'auto') return { asked: slowMotion, factor: slowMotion };
  if (pace) return pace;
  onProgress({ stage: 'pace' });
  const found = await measurePace(open);
  onProgress({ stage: 'pace', chosen: timesOf(open.experiment, found) });
  return found;
}

/** Returns the factor of slow motion, with the least duration and the drain of a round in real time. */
const timesOf = (experiment: Experiment, { factor }: SlowMotion) => ({
  factor,
  leastMs: factor * leastMsOfRound(experiment),
  drainMs: factor * experiment.drainMs * Object.keys(experiment.variants).length,
});

/** Conducts a variant, with its evidence in `folder`, and resolves with the generator's counts. */
type ConductVariant = (
  name: string,
  folder: string,
  onProgress: VariantTestbed['onProgress'],
) => Promise<Counts>;

/** Conducts all variants, one after the other. */
export async function conductVariants(
  open: Pick<OpenTestbed, 'experiment' | 'slowMotion'>,
  options: Pick<ConductOptions, 'folder' | 'turn' | 'signal' | 'onProgress'>,
  log: RunLog,
  conduct: ConductVariant,
): Promise<void> {
  const { experiment } = open;
  const names = rotated(Object.keys(experiment.variants), options.turn ?? 0);
  for (const [index, name] of names.entries()) {
    options.signal.throwIfAborted();
    log.add({ record: 'variant', name, atMs: log.elapsedMs });
    log.underWay = { variant: name };
    const folder = variantFolder(options.folder, name);
    mkdirSync(folder, { recursive: true });
    const real = {
      loadMs: open.slowMotion * durationMs(experiment.load),
      deadlineMs: open.slowMotion * experiment.deadlineMs,
    };
    const progress = (rest: Omit<VariantProgress, 'variant' | 'index' | 'of' | keyof typeof real>) =>
      options.onProgress({ variant: name, index, of: names.length, ...real, ...rest });
    const onProgress: VariantTestbed['onProgress'] = (stage, at) => {
      if (at?.counts) log.underWay = { variant: name, counts: at.counts };
      progress({ stage, ...at });
    };
    const counts = await conduct(name, folder, onProgress);
    log.underWay = undefined;
    log.add({ record: 'complete', name, atMs: log.elapsedMs });
    progress({ stage: 'complete', counts });
  }
}

/** Rotates the names. In as many turns as there are names, each name is at each position once. */
export function rotated(names: readonly string[], turn: number): string[] {
  const first = turn % names.length;
  return [...names.slice(first), ...names.slice(0, first)];
}
