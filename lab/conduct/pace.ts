import { join } from 'node:path';
import { healthyMs } from '#downstream/config.ts';
import { recordedStallMs } from '#kit/stalls.ts';
import type { SlowMotion } from '#lab/evidence/conditions.ts';
import { storeIn } from '#lab/evidence/folder.ts';
import type { Store } from '#lab/evidence/store.ts';
import { valueIn } from '#lab/experiment/metrics/table.ts';
import { autoFactors } from '#lab/experiment/scaled.ts';
import type { Experiment, Variant } from '#lab/experiment/schema.ts';
import type { VariantResult } from '#lab/judge/result/result.ts';
import { limitsOf, stallMsOf } from '#lab/judge/validity/limits.ts';
import { isOfPace } from '#lab/judge/validity/validity.ts';
import { hasPath } from '#lab/kit/topology/paths.ts';
import { schedule } from '#load/phases.ts';
import { analysed, probe as conductProbe } from './alone.ts';
import type { Run } from './variant-testbed.ts';
import { TooFastError } from './watch-pace.ts';

/** Maximum overhead of an attempt ÷ its healthy latency. More distorted a congested dependency in simulations. */
const overheadRatioMax = 0.1;
/** Maximum CPU time during a burst ÷ the time of all cores. The rest keeps the event loops responsive. */
const cpuRatioMax = 0.6;
/** Maximum lag and sleep excess of the probe ÷ their limits. The margin is for the variants, and for a busier machine. */
const limitRatioMax = 0.5;

/** Limits of the part of the load with which the cost of a request is measured. */
const probe = { spanMs: 1000, requestsMax: 1500 };
/** Length of a burst. The use of the CPU is estimated for the busiest burst. */
const burstMs = 250;

/**
 * Measures the cost of a request on this machine: sends the busiest part of the load to a dependency that stays
 * healthy. Picks the smallest factor of slow motion at which this cost distorts little, lag and sleep excess keep their
 * limits with a margin, and each stall that may change a verdict is recorded.
 */
export async function measurePace(run: Run, folder: string): Promise<SlowMotion> {
  const { experiment } = run;
  const scheduledAtMs = Array.from(schedule(experiment.load, experiment.seed), (due) => due.scheduledAtMs);
  const busy = busiest(scheduledAtMs, probe.spanMs).slice(0, probe.requestsMax);
  const { variant, figures, validity } = await conductProbe(
    { ...run, experiment: probeOf(experiment, busy) },
    storeIn(join(folder, 'pace')),
  );
  const cost = costOf(variant.self, valueIn({ figures }, variant.name, 'offered') ?? 0);
  const latencyMs = healthyMs(experiment.downstream);
  const overheadRatio = latencyMs > 0 ? cost.overheadMs / latencyMs : 0;
  const cpuRatio = (busiest(scheduledAtMs, burstMs).length * cost.cpuMs) / (burstMs * run.machine.cpus);
  const stallMs = Math.min(...Object.keys(experiment.variants).map((name) => stallMsOf(experiment, name)));
  const stallRatio = recordedStallMs / stallMs;
  const limitRatio = Math.max(...validity.filter(isOfPace).map(({ measured, limit }) => measured / limit));
  const factor = factorFor([
    ...[overheadRatio / overheadRatioMax, cpuRatio / cpuRatioMax],
    ...[limitRatio / limitRatioMax, stallRatio],
  ]);
  return { asked: 'auto', factor, ...cost, overheadRatio, cpuRatio, limitRatio, stallRatio };
}

/** Rejects with TooFastError if a variant that was conducted exceeded a limit of lag or sleep excess. */
export async function refuseTooFast(run: Run, name: string, store: Store): Promise<void> {
  const { validity } = await analysed(run, name, store);
  const failed = validity.find((check) => !check.ok && isOfPace(check));
  if (failed) throw new TooFastError(`at the end of ${name}, ${failed.finding}`);
}

/** Returns the next slower pace with the reason; undefined if there is none. */
export function slowerThan(pace: SlowMotion, reason = ''): SlowMotion | undefined {
  const factor = autoFactors.find((each) => each > pace.factor);
  const tooFast = [...(pace.tooFast ? [pace.tooFast] : []), `with factor ${pace.factor}, ${reason}`];
  return factor && { ...pace, factor, tooFast: tooFast.join('; ') };
}

/** Returns the smallest factor by which no ratio of a cost to its limit is above 1, or else the largest factor. */
export const factorFor = (ratios: readonly number[]): number =>
  autoFactors.find((k) => ratios.every((ratio) => ratio <= k)) ?? Math.max(...autoFactors);

/** Returns those of the times that lie in the busiest span of `spanMs`. `rising` must be ascending. */
export function busiest(rising: readonly number[], spanMs: number): readonly number[] {
  let best = { from: 0, until: 0 };
  let from = 0;
  for (let until = 1; until <= rising.length; until++) {
    while (rising[until - 1]! - rising[from]! > spanMs) from += 1;
    if (until - from > best.until - best.from) best = { from, until };
  }
  return rising.slice(best.from, best.until);
}

function costOf({ attempt, processes }: VariantResult['self'], offered: number) {
  const cpuMs = processes.reduce((sum, process) => sum + process.cpuMs, 0) / Math.max(1, offered);
  return { overheadMs: attempt ? Math.max(0, attempt.meanMs - attempt.modelledMs) : 0, cpuMs };
}

/** Returns an experiment with these scheduled times, the same path, and a latency that no load changes. */
function probeOf(experiment: Experiment, busy: readonly number[]): Experiment {
  const { downstream, deadlineMs } = experiment;
  const atMs = busy.map((ms) => ms - (busy[0] ?? 0));
  const [event] = Object.values(experiment.variants).filter(({ path }) => path === 'event');
  const limited = { bulkhead: { concurrency: 16, queue: probe.requestsMax } };
  const { downstream: _, ...variant }: Variant =
    event && !hasPath(experiment, 'rpc')
      ? { ...event, policies: [] }
      : { path: 'rpc', description: '', policies: [limited] };
  return {
    ...experiment,
    repeat: 1,
    faults: [],
    redrives: [],
    steadyState: [],
    hypothesis: [],
    validity: { ...experiment.validity, lagP99Ms: limitsOf(experiment).lagP99Ms },
    deadlineMs: Math.max(deadlineMs, 10_000),
    drainMs: Math.max(deadlineMs, 10_000),
    slowMotion: 1,
    load: [{ arrivals: { kind: 'replay', atMs } }],
    downstream: {
      ...downstream,
      model: { kind: 'fixed', latencyMs: healthyMs(downstream), failureRatio: 0 },
    },
    variants: { pace: variant },
  };
}
