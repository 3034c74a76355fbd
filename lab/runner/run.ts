import { mkdirSync } from 'node:fs';
import { type Clock, systemClock } from '#kit/clock.ts';
import { analyse } from '#lab/analysis/analyse.ts';
import type { Machine } from '#lab/analysis/validity/slow-machine.ts';
import { variantFolder } from '#lab/evidence/format.ts';
import type { RunEvidence } from '#lab/evidence/reader.ts';
import type { ExperimentFile } from '#lab/experiment/read.ts';
import { scaledTo } from '#lab/experiment/scaled.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import type { Capacity, Result } from '#lab/result/result.ts';
import type { Engine } from '#lab/testbed/engine.ts';
import { durationMs } from '#load/phases.ts';
import {
  type Bench,
  closeBench,
  foreignOn,
  openBench,
  type StageProgress,
  type VariantBench,
} from './bench.ts';
import { measureCapacity, type Probe } from './capacity/capacity.ts';
import { rotated } from './interleave.ts';
import { measurePace, type Pace } from './pace.ts';
import { describe, headOf, RunLog } from './run-log.ts';
import { observeUntilDeath } from './supervise.ts';

/** What a run tells while it goes on. */
export type Progress = (VariantProgress | CapacityProgress | PaceProgress) & {
  /** Where there are several; its index from 0. */
  readonly round?: { readonly seed: number; readonly index: number; readonly of: number };
};

interface CapacityProgress {
  readonly stage: 'capacity';
  readonly probe: Probe;
}

interface PaceProgress {
  readonly stage: 'pace';
  /** Set once it is measured, with the real time that a round takes at least and a variant's drain at most. */
  readonly chosen?: { readonly factor: number; readonly leastMs: number; readonly drainMs: number };
}

interface VariantProgress extends Partial<StageProgress> {
  readonly variant: string;
  /** From 0. */
  readonly index: number;
  readonly of: number;
  readonly stage: 'warm-up' | 'run' | 'drain' | 'done';
}

export interface RunOptions {
  readonly folder: string;
  readonly command: string;
  /** The dependency's capacity in attempts per second, where it is known and need not be measured. */
  readonly capacity?: number | undefined;
  /** Pace measured earlier for `slowMotion: auto`, e.g. in the first round. */
  readonly pace?: Pace | undefined;
  /** With which variant it begins, by its place in the file, from 0; after the last come those before it. Default 0. */
  readonly turn?: number | undefined;
  /** A control: whatever the experiment breaks is left alone at its time, and the result says so. */
  readonly withoutFaults?: boolean | undefined;
  readonly startTestbed: Engine['start'];
  readonly onProgress: (progress: Progress) => void;
  /** Aborts the run: what is broken is mended, everything is stopped, and the result says `interrupted`. */
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

/** Conducts an experiment, variant after variant, and returns its judged result, also when it had to end early. */
export async function run(file: ExperimentFile, options: RunOptions): Promise<Result> {
  const { clock = systemClock, folder } = options;
  const log = new RunLog(folder, clock);
  try {
    await conductRun(file, { ...options, clock }, log).catch((error) => log.endBy(error, options.signal));
    log.end(options.signal);
    return await resultOf(file, { folder, records: log.records });
  } finally {
    log.close();
  }
}

/** Returns the result of a run that was just conducted; without variants, if its evidence can't be analysed. */
export function resultOf(file: ExperimentFile, evidence: RunEvidence): Promise<Result> {
  return analyse(file, evidence).catch((error) => {
    const records = evidence.records.filter(({ record }) => record !== 'done');
    return analyse(file, { ...evidence, records: [...records, { record: 'error', ...describe(error) }] });
  });
}

type ConductOptions = RunOptions & { readonly clock: Clock };

/** Conducts all variants. A fault that can't be cleared and a testbed that can't be stopped are errors, too. */
async function conductRun(file: ExperimentFile, options: ConductOptions, log: RunLog): Promise<void> {
  const { experiment } = file;
  const head = headOf(file, options);
  log.add(head);
  const bench = await openBench(experiment, options);
  try {
    const nats = bench.broker.info?.version ?? '';
    log.add({ record: 'testbed', nats, foreign: foreignOn(bench) });
    const pace = await paceOf(bench, options, head.machine);
    if (pace) log.add({ record: 'slow-motion', pace });
    const slow = { ...bench, slowMotion: pace?.factor ?? 1 };
    const machine = { ...head.machine, ...(pace && { slowMotion: pace }) };
    const scaled = await scaledExperiment(experiment, slow, options, machine, log);
    await conductVariants({ ...slow, experiment: scaled }, options, log);
  } catch (error) {
    log.endBy(error, options.signal);
    const beside = bench.uncleared.filter((reason) => options.signal.aborted || reason !== error);
    for (const reason of beside) log.addError(describe(reason));
  } finally {
    await closeBench(bench).catch((error) => log.addError(describe(error)));
  }
}

/** Slow motion, measured where the experiment leaves it to the machine; undefined at full speed. */
async function paceOf(
  bench: Bench,
  { pace, onProgress }: RunOptions,
  machine: Machine,
): Promise<Pace | undefined> {
  const { slowMotion } = bench.experiment;
  if (slowMotion === 1) return undefined;
  if (slowMotion !== 'auto') return { asked: slowMotion, factor: slowMotion };
  if (pace) return pace;
  onProgress({ stage: 'pace' });
  const found = await measurePace(bench, machine);
  onProgress({ stage: 'pace', chosen: timesOf(bench.experiment, found) });
  return found;
}

/** Real times of a round. A variant takes at least its load and one deadline, unless all requests complete sooner. */
function timesOf({ variants, load, deadlineMs, drainMs }: Experiment, { factor }: Pace) {
  const leastMs = Object.keys(variants).length * factor * (durationMs(load) + deadlineMs);
  return { factor, leastMs, drainMs: factor * drainMs };
}

/** The experiment with the rates that it asks for relative to the capacity, which is measured first. */
async function scaledExperiment(
  experiment: Experiment,
  bench: Bench,
  { capacity: known, onProgress }: RunOptions,
  machine: Machine,
  log: RunLog,
): Promise<Experiment> {
  const { capacity } = experiment;
  if (!capacity) return experiment;
  const { nominalPerSecond, timeoutMs } = capacity;
  if (known !== undefined) {
    log.add({ record: 'capacity', capacity: { ...capacity, perSecond: known }, doubts: [] });
    return scaledTo(experiment, known);
  }
  const wanted = { timeoutMs, expected: nominalPerSecond };
  const { doubts, ...measured } = await measureCapacity(bench, wanted, machine, (probe) =>
    onProgress({ stage: 'capacity', probe }),
  );
  const found: Capacity = { ...capacity, ...measured };
  log.add({ record: 'capacity', capacity: found, doubts: [...doubts] });
  return scaledTo(experiment, measured.perSecond);
}

async function conductVariants(bench: Bench, options: ConductOptions, log: RunLog): Promise<void> {
  const names = rotated(Object.keys(bench.experiment.variants), options.turn ?? 0);
  for (const [index, name] of names.entries()) {
    options.signal.throwIfAborted();
    log.add({ record: 'variant', name, atMs: log.elapsedMs });
    log.underWay = { variant: name };
    const folder = variantFolder(options.folder, name);
    mkdirSync(folder, { recursive: true });
    const progress = (rest: Omit<VariantProgress, 'variant' | 'index' | 'of'>) =>
      options.onProgress({ variant: name, index, of: names.length, ...rest });
    const onProgress: VariantBench['onProgress'] = (stage, at) => {
      if (at?.counts) log.underWay = { variant: name, counts: at.counts };
      progress({ stage, ...at });
    };
    const counts = await observeUntilDeath({ ...bench, onProgress }, name, folder);
    log.underWay = undefined;
    log.add({ record: 'done', name, atMs: log.elapsedMs });
    progress({ stage: 'done', counts });
  }
}
