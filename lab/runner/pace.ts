import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { healthyMs } from '#downstream/config.ts';
import { recordedStallMs } from '#kit/stalls.ts';
import { analyseVariant } from '#lab/analysis/analyse.ts';
import { stallMsOf } from '#lab/analysis/validity/limits.ts';
import { autoFactors } from '#lab/experiment/scaled.ts';
import type { Experiment, Variant } from '#lab/experiment/schema.ts';
import type { SlowMotion } from '#lab/result/conditions.ts';
import type { VariantResult } from '#lab/result/result.ts';
import { hasPath } from '#lab/topology/paths.ts';
import { schedule } from '#load/phases.ts';
import { observe } from './observe.ts';
import { foreignOn, type OpenTestbed } from './open-testbed.ts';

/**
 * Maximum overhead of an attempt ÷ its healthy latency. In simulations, a higher overhead distorted a congested
 * dependency.
 */
const overheadRatioMax = 0.1;
/** Maximum CPU time during a burst ÷ the time of all cores. The rest keeps the event loops responsive. */
const cpuRatioMax = 0.6;

/** Limits of the part of the load with which the cost of a request is measured. */
const probe = { spanMs: 1000, requestsMax: 1500 };
/** Length of a burst. The use of the CPU is estimated for the busiest burst. */
const burstMs = 250;

/**
 * Measures the cost of a request on this machine: sends the busiest part of the load to a dependency that stays
 * healthy. Picks the smallest factor of slow motion at which this cost distorts little, and at which each stall that may
 * change a verdict is recorded.
 */
export async function measurePace(open: OpenTestbed): Promise<SlowMotion> {
  const { experiment } = open;
  const scheduledAtMs = Array.from(schedule(experiment.load, experiment.seed), (due) => due.scheduledAtMs);
  const busy = busiest(scheduledAtMs, probe.spanMs).slice(0, probe.requestsMax);
  const result = await probed(open, probeOf(experiment, busy));
  const cost = costOf(result.self, result.offered);
  const latencyMs = healthyMs(experiment.downstream);
  const overheadRatio = latencyMs > 0 ? cost.overheadMs / latencyMs : 0;
  const cpuRatio = (busiest(scheduledAtMs, burstMs).length * cost.cpuMs) / (burstMs * open.machine.cpus);
  const stallMs = Math.min(...Object.keys(experiment.variants).map((name) => stallMsOf(experiment, name)));
  const stallRatio = recordedStallMs / stallMs;
  const factor = factorFor(overheadRatio, cpuRatio, stallRatio);
  return { asked: 'auto', factor, ...cost, overheadRatio, cpuRatio, stallRatio };
}

/** Conducts the only variant of an experiment, and resolves with its result. */
async function probed(open: OpenTestbed, experiment: Experiment): Promise<VariantResult> {
  const folder = join(open.folder, 'pace');
  mkdirSync(folder, { recursive: true });
  const [name = ''] = Object.keys(experiment.variants);
  const { slowMotion, machine } = open;
  await observe({ ...open, experiment, onProgress() {} }, name, folder);
  const source = { folder, name, foreign: foreignOn(open), slowMotion };
  return (await analyseVariant(experiment, source, machine)).result;
}

/** Returns the smallest factor at which all ratios are within their limits, or else the largest factor. */
export const factorFor = (overheadRatio: number, cpuRatio: number, stallRatio = 0): number =>
  autoFactors.find(
    (k) => overheadRatio / k <= overheadRatioMax && cpuRatio / k <= cpuRatioMax && stallRatio / k <= 1,
  ) ?? Math.max(...autoFactors);

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

/**
 * Returns an experiment with these scheduled times and a dependency whose latency doesn't depend on the load. It uses
 * the same path as the given experiment.
 */
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
    deadlineMs: Math.max(deadlineMs, 10_000),
    drainMs: Math.max(deadlineMs, 10_000),
    slowMotion: 1,
    load: [{ arrivals: { kind: 'replay', atMs, stretch: 1 } }],
    downstream: {
      ...downstream,
      model: { kind: 'fixed', latencyMs: healthyMs(downstream), failureRatio: 0 },
    },
    variants: { pace: variant },
  };
}
