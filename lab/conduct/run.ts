import type { SlowMotion } from '#lab/evidence/conditions.ts';
import { figuresOnly } from '#lab/evidence/figure-store.ts';
import { runIn } from '#lab/evidence/folder.ts';
import type { RunEvidence } from '#lab/evidence/read-run.ts';
import type { RunStore } from '#lab/evidence/store.ts';
import { leastMsOfRound } from '#lab/experiment/measures.ts';
import type { ExperimentFile } from '#lab/experiment/read.ts';
import { unslowedIn } from '#lab/experiment/scaled.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { analyse } from '#lab/judge/analyse.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { ClientError } from '#lab/world/client-error.ts';
import type { Testbeds } from '#lab/world/world.ts';
import { durationMs } from '#load/phases.ts';
import { conductVariant } from './alone.ts';
import { apartBy, clientIn } from './apart.ts';
import { measurePace, refuseTooFast, slowerThan } from './pace.ts';
import type { RunPlan, VariantProgress } from './plan.ts';
import { describe, headOf, RunLog } from './run-log.ts';
import type { EndProgress, OnStage, Run } from './variant-testbed.ts';
import { TooFastError } from './watch-pace.ts';

/** Conducts one round, and resolves with its result, even if it ended early. */
export async function conductOnce(plan: RunPlan): Promise<Result> {
  const { file, folder, world, withoutFaults = false, signal } = plan;
  const { experiment } = file;
  const stopwatch = world.stopwatch();
  const store = plan.figuresOnly ? figuresOnly() : runIn(folder);
  const log = new RunLog(store.writer(), stopwatch);
  const uncleared: unknown[] = [];
  let testbeds: Testbeds | undefined;
  try {
    const head = headOf(plan);
    const { machine } = head;
    log.add(head);
    testbeds = await world.open({ ...plan, stopwatch });
    const { nats, foreign } = testbeds;
    log.add({ record: 'testbed', nats, foreign: [...foreign] });
    const run: Run = {
      ...{ testbeds, experiment, machine, slowMotion: 1, withoutFaults, signal, uncleared },
      warmed: new Set(),
      apart: world.isSimulated ? apartBy(world, (name) => clientIn(file, name)!, stopwatch) : undefined,
    };
    await conductVariants(run, plan, store, log);
  } catch (error) {
    log.endBy(error, signal);
    const beside = uncleared.filter((reason) => signal.aborted || reason !== error);
    for (const reason of beside) log.addError(describe(reason));
  }
  await testbeds?.close().catch((error) => log.addError(describe(error)));
  log.end(signal);
  return resultOf(file, { ...store, records: log.records }).finally(() => log.close());
}

/** Returns the result of a run. If the evidence can't be analysed, the result has an error instead of variants. */
export function resultOf(file: ExperimentFile, evidence: RunEvidence): Promise<Result> {
  return analyse(file, evidence).catch((error) => {
    const records = evidence.records.filter(({ record }) => record !== 'complete');
    return analyse(file, { ...evidence, records: [...records, { record: 'error', ...describe(error) }] });
  });
}

/** Repeats the first variant if the pace is too fast. An error of a variant's client ends only this variant. */
async function conductVariants(fullSpeed: Run, plan: RunPlan, store: RunStore, log: RunLog): Promise<void> {
  const { experiment, signal } = fullSpeed;
  let run = fullSpeed;
  const slowDown = (pace: SlowMotion) => {
    log.add({ record: 'slow-motion', pace });
    run = { ...run, slowMotion: pace.factor, machine: { ...run.machine, slowMotion: pace } };
  };
  const pace = await paceOf(run, plan);
  if (pace) slowDown(pace);
  /** Pace of the first variant, as long as it may turn out to be too fast. */
  let trial = pace?.asked === 'auto' && !pace.unslowed && !knownPace(plan) ? pace : undefined;
  const names = rotated(Object.keys(experiment.variants), plan.round?.turn ?? 0);
  for (const [index, name] of names.entries()) {
    signal.throwIfAborted();
    log.add({ record: 'variant', name, atMs: log.elapsedMs });
    log.underWay = { variant: name };
    const own = store.variant(name);
    own.prepare();
    const progress = (rest: Pick<VariantProgress, 'stage'> & Partial<VariantProgress>) => {
      const { slowMotion } = run;
      const loadMs = slowMotion * durationMs(experiment.load);
      const deadlineMs = slowMotion * experiment.deadlineMs;
      plan.onProgress({ variant: name, names, index, loadMs, deadlineMs, ...rest });
    };
    const onStage: OnStage = (stage, at) => {
      if (at?.counts) log.underWay = { variant: name, counts: at.counts };
      progress({ stage, ...at });
    };
    const conductOne = async () => {
      const isTrial = trial && slowerThan(trial) !== undefined;
      const end = await conductVariant({ ...run, isTrial }, name, own, onStage); // replaces earlier evidence
      if (isTrial) await refuseTooFast(run, name, own);
      return end;
    };
    let end: EndProgress | null | undefined;
    while (end === undefined)
      end = await conductOne().catch((error) => {
        if (error instanceof ClientError && !signal.aborted && run.uncleared.length === 0) {
          log.endBy(error, signal);
          run.warmed.clear(); // the next variant has a new generator
          return null;
        }
        trial = error instanceof TooFastError && trial ? slowerThan(trial, error.message) : undefined;
        if (!trial) throw error;
        slowDown(trial);
        plan.onProgress({ stage: 'pace', chosen: timesOf(experiment, trial) });
        return undefined;
      });
    trial = undefined;
    log.underWay = undefined;
    if (end) log.add({ record: 'complete', name, atMs: log.elapsedMs });
    progress(end ? { stage: 'complete', ...end } : { stage: 'failed' });
  }
}

/** Returns the slow motion; undefined at full speed. Measures its factor if the experiment has `auto`. */
async function paceOf(run: Run, plan: RunPlan): Promise<SlowMotion | undefined> {
  const { folder, onProgress } = plan;
  const { slowMotion } = run.experiment;
  if (slowMotion === 1) return undefined;
  if (slowMotion !== 'auto') return { asked: slowMotion, factor: slowMotion };
  const known = knownPace(plan);
  if (known) return known;
  if (unslowedIn(run.experiment).length > 0) return { asked: slowMotion, factor: 1, unslowed: true };
  onProgress({ stage: 'pace' });
  const found = await measurePace(run, folder);
  onProgress({ stage: 'pace', chosen: timesOf(run.experiment, found) });
  return found;
}

const knownPace = ({ round, rerun }: RunPlan): SlowMotion | undefined => round?.pace ?? rerun?.pace;

/** Returns the factor of slow motion, with the least duration and the drain of a round in real time. */
const timesOf = (experiment: Experiment, { factor, tooFast }: SlowMotion) => ({
  ...{ factor, tooFast },
  leastMs: factor * leastMsOfRound(experiment),
  drainMs: factor * experiment.drainMs * Object.keys(experiment.variants).length,
});

/** Rotates the names. In as many turns as there are names, each name is at each position once. */
export function rotated(names: readonly string[], turn: number): string[] {
  const first = turn % names.length;
  return [...names.slice(first), ...names.slice(0, first)];
}
