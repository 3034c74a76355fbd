import { mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock, wallTime } from '#kit/clock.ts';
import { isDiskFull } from '#kit/refusal.ts';
import { StorageError } from '#kit/storage.ts';
import { measureCapacity, type Probe } from '#lab/capacity/capacity.ts';
import { scaledTo } from '#lab/capacity/scaled.ts';
import type { Engine } from '#lab/engine/engines.ts';
import { deadlinesOf } from '#lab/experiment/deadlines.ts';
import type { ExperimentFile } from '#lab/experiment/read.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import type { Machine } from '#lab/judging/calm.ts';
import { judge } from '#lab/judging/hypothesis.ts';
import { comparePredictions } from '#lab/judging/predictions.ts';
import { checkValidity } from '#lab/judging/validity.ts';
import { verdict } from '#lab/judging/verdict.ts';
import { legible } from '#lab/legible.ts';
import { isDecisive } from '#lab/result/facts.ts';
import type { Result, RunError, ValidityCheck, VariantResult } from '#lab/result/result.ts';
import { TestbedError } from '#lab/testbed-error.ts';
import { version } from '#lab/version.ts';
import { durationMs } from '#load/phases.ts';
import { type Bench, closeBench, openBench, type StageProgress, type VariantBench } from './bench.ts';
import { stallChecks } from './flips.ts';
import { measure } from './measure.ts';
import type { Observation } from './observe.ts';
import { measurePace, type Pace } from './pace.ts';
import { inOrderOf, turned } from './turns.ts';
import { observeUntilDeath } from './until-death.ts';

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
  /** When it is done. */
  readonly result?: VariantResult;
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

/** Runs an experiment, variant after variant, and returns its judged result, also when it had to end early. */
export async function run(file: ExperimentFile, options: RunOptions): Promise<Result> {
  const { clock = systemClock, signal } = options;
  const startedAtMs = clock.now();
  const startedAt = wallTime();
  const findings: Findings = { variants: [], validity: [], errors: [], machine: machineNow() };
  await runBench(file, { ...options, clock }, findings).catch((error) => endBy(error, findings, signal));
  const { experiment } = file;
  const names = Object.keys(experiment.variants);
  const variants = inOrderOf(names, findings.variants, ({ name }) => name);
  const hypotheses = experiment.hypothesis.map((hypothesis) => judge(hypothesis, variants));
  return {
    version: 1,
    spillway: version,
    ...verdict({ ...findings, hypotheses, interrupted: isInterrupted(findings.errors, signal) }),
    errors: findings.errors,
    experiment: {
      name: file.name,
      file: file.file,
      title: experiment.title,
      description: experiment.description,
      seed: experiment.seed,
      deadlineMs: experiment.deadlineMs,
      source: file.source,
    },
    command: repeating(options.command, options.capacity, findings),
    startedAt: startedAt.toISOString(),
    durationMs: clock.now() - startedAtMs,
    machine: findings.machine,
    ...(findings.slowMotion && { slowMotion: findings.slowMotion }),
    ...(findings.capacity && { capacity: findings.capacity }),
    ...(options.withoutFaults && { withoutFaults: true }),
    validity: inOrderOf(names, findings.validity, ({ variant }) => variant),
    hypotheses,
    variants,
  };
}

/** A command that repeats a run as it was conducted: with the capacity and the factor of slow motion that were measured. */
export function repeating(
  command: string,
  given: number | undefined,
  { capacity, slowMotion }: Pick<Result, 'capacity' | 'slowMotion'>,
): string {
  const factor = slowMotion?.asked === 'auto' ? ` --slow-motion ${slowMotion.factor}` : '';
  const scale = given === undefined && capacity ? ` --capacity ${capacity.perSecond.toPrecision(6)}` : '';
  return command + factor + scale;
}

/** What ended the run early. */
function endBy(error: unknown, findings: Findings, signal: AbortSignal): void {
  const what = signal.aborted ? interruption(signal) : describe(error);
  findings.errors.push(legible({ ...what, ...findings.underWay }));
}

/** And nothing else: all was mended and stopped. */
const isInterrupted = (errors: readonly RunError[], { aborted }: AbortSignal): boolean =>
  aborted && errors.every(({ name }) => name === 'interrupted');

const interruption = ({ reason }: AbortSignal): Pick<RunError, 'name' | 'message'> => ({
  name: 'interrupted',
  message: (reason as Error).message,
});

/** What is neither the testbed's nor the system's fault is ours, and says where in the code it comes from. */
function describe(error: unknown): Pick<RunError, 'name' | 'message'> {
  if (error instanceof TestbedError) return { name: error.name, message: error.message };
  if (error instanceof StorageError) return { name: error.reason, message: error.message };
  if (isSystemError(error))
    return { name: isDiskFull(error) ? 'disk-full' : error.code, message: error.message };
  return { name: 'internal', message: (error as Error).stack ?? String(error) };
}

/** What the system refuses, e.g. a write on a full disk. */
const isSystemError = (error: unknown): error is Error & { code: string } =>
  error instanceof Error && 'code' in error && 'syscall' in error;

interface Findings {
  readonly variants: VariantResult[];
  readonly validity: ValidityCheck[];
  readonly errors: RunError[];
  /** Set while a variant goes on. */
  underWay?: Pick<RunError, 'variant' | 'counts'> | undefined;
  /** With the load before the run began. */
  machine: Result['machine'];
  /** Undefined at full speed. */
  slowMotion?: Pace;
  /** Once it is known, where the experiment asks for it. */
  capacity?: NonNullable<Result['capacity']>;
}

/** Runs all variants; what can't be stopped or mended afterwards is an error, too, beside the one that ended the run. */
async function runBench(
  file: ExperimentFile,
  options: RunOptions & { clock: Clock },
  findings: Findings,
): Promise<void> {
  const bench = await openBench(file.experiment, options);
  findings.machine = { ...findings.machine, nats: bench.broker.info?.version ?? '' };
  try {
    const slowMotion = await paceOf(bench, options, findings);
    const slow = { ...bench, slowMotion };
    const experiment = await scaledExperiment(file.experiment, slow, options, findings);
    await runVariants({ ...file, experiment }, { ...slow, experiment }, options, findings);
  } catch (error) {
    endBy(error, findings, options.signal);
    const beside = bench.unmended.filter((reason) => options.signal.aborted || reason !== error);
    findings.errors.push(...legible(beside.map(describe)));
  } finally {
    await closeBench(bench).catch((error) => findings.errors.push(legible(describe(error))));
  }
}

/** Factor of slow motion, measured where the experiment leaves it to the machine. */
async function paceOf(bench: Bench, { pace, onProgress }: RunOptions, findings: Findings): Promise<number> {
  const { slowMotion } = bench.experiment;
  if (slowMotion === 1) return 1;
  if (slowMotion === 'auto' && !pace) onProgress({ stage: 'pace' });
  const found =
    slowMotion === 'auto'
      ? (pace ?? (await measurePace(bench, findings.machine.cpus)))
      : { asked: slowMotion, factor: slowMotion };
  findings.slowMotion = found;
  if (slowMotion === 'auto' && !pace) onProgress({ stage: 'pace', chosen: timesOf(bench.experiment, found) });
  return found.factor;
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
  findings: Findings,
): Promise<Experiment> {
  const { capacity } = experiment;
  if (!capacity) return experiment;
  const { nominalPerSecond, timeoutMs } = capacity;
  if (known !== undefined) {
    findings.capacity = { ...capacity, perSecond: known };
    return scaledTo(experiment, known);
  }
  const wanted = { timeoutMs, expected: nominalPerSecond };
  const { doubts, ...measured } = await measureCapacity(bench, wanted, machineOf(findings), (probe) =>
    onProgress({ stage: 'capacity', probe }),
  );
  findings.validity.push(...doubts);
  findings.capacity = { ...capacity, ...measured };
  return scaledTo(experiment, measured.perSecond);
}

async function runVariants(
  file: ExperimentFile,
  bench: Bench,
  options: RunOptions,
  findings: Findings,
): Promise<void> {
  const { experiment } = file;
  const names = turned(Object.keys(experiment.variants), options.turn ?? 0);
  const stalled = new Map<string, Observation>();
  for (const [index, name] of names.entries()) {
    options.signal.throwIfAborted();
    findings.underWay = { variant: name };
    const folder = join(options.folder, 'variants', name);
    mkdirSync(folder, { recursive: true });
    const progress = (rest: Omit<VariantProgress, 'variant' | 'index' | 'of'>) =>
      options.onProgress({ variant: name, index, of: names.length, ...rest });
    const onProgress: VariantBench['onProgress'] = (stage, at) => {
      if (at?.counts) findings.underWay = { variant: name, counts: at.counts };
      progress({ stage, ...at });
    };
    const observed = await observeUntilDeath({ ...bench, onProgress }, name, folder);
    const result = judged(file, observed);
    findings.validity.push(...checkValidity(experiment, result, observed, machineOf(findings)));
    findings.variants.push(result);
    if (result.stalls?.some(isDecisive)) stalled.set(name, observed);
    await writeFile(join(folder, 'series.json'), JSON.stringify(result.series));
    findings.underWay = undefined;
    progress({ stage: 'done', result });
  }
  findings.validity.push(...stallChecks(experiment, findings.variants, stalled, machineOf(findings)));
}

/** The machine, and the slow motion that it was given. */
const machineOf = ({ machine, slowMotion }: Findings): Machine => ({
  ...machine,
  ...(slowMotion && { slowMotion }),
});

function judged({ experiment }: ExperimentFile, observed: Observation): VariantResult {
  const result = measure(experiment, observed, deadlinesOf(experiment));
  return { ...result, predictions: comparePredictions(experiment, result) };
}

function machineNow(): Result['machine'] {
  const all = cpus();
  return {
    node: process.version,
    nats: '',
    cpus: all.length,
    cpuModel: all[0]?.model ?? 'unknown',
    memoryBytes: totalmem(),
    platform: `${process.platform} ${process.arch}`,
    loadAverage: loadavg()[0]!,
  };
}
