import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { healthyMs } from '#downstream/config.ts';
import { analyseVariant } from '#lab/analysis/analyse.ts';
import type { Machine } from '#lab/analysis/validity/slow-machine.ts';
import type { Experiment, Variant } from '#lab/experiment/schema.ts';
import { autoFactors } from '#lab/experiment/slow-motion.ts';
import type { SlowMotion, VariantResult } from '#lab/result/result.ts';
import { hasPath } from '#lab/topology/paths.ts';
import { schedule } from '#load/phases.ts';
import { type Bench, foreignOn } from './bench.ts';
import { observeUntilDeath } from './supervise.ts';

export type Pace = SlowMotion;

/** Overhead of an attempt ÷ its healthy latency, at most: what simulation shows to distort a congested dependency. */
const overheadRatioMax = 0.1;
/** CPU of a burst ÷ that of all cores, at most: what is left keeps the event loops prompt. */
const cpuRatioMax = 0.6;

/** Offered to measure what a request costs: the busiest second, and of that no more than a few bursts. */
const probe = { name: 'pace', spanMs: 1000, requestsMax: 1500 };
/** Over which a burst may use the CPU. */
const burstMs = 250;

/**
 * Measures what a request costs on this machine, by the busiest part of the load and a dependency that stays healthy, and
 * picks the smallest factor with which that distorts little.
 */
export async function measurePace(bench: Bench, machine: Machine): Promise<Pace> {
  const { experiment } = bench;
  const scheduledAtMs = Array.from(schedule(experiment.load, experiment.seed), (due) => due.scheduledAtMs);
  const busy = busiest(scheduledAtMs, probe.spanMs).slice(0, probe.requestsMax);
  const folder = join(bench.folder, 'pace');
  mkdirSync(folder, { recursive: true });
  const conducted = probeOf(experiment, busy);
  const slow = { ...bench, experiment: conducted, slowMotion: 1, onProgress() {} };
  await observeUntilDeath(slow, probe.name, folder);
  const source = { folder, name: probe.name, foreign: foreignOn(bench), slowMotion: 1 };
  const { self, offered } = (await analyseVariant(conducted, source, machine)).result;
  const cost = costOf(self, offered);
  const latencyMs = healthyMs(experiment.downstream);
  const overheadRatio = latencyMs > 0 ? cost.overheadMs / latencyMs : 0;
  const cpuRatio = (busiest(scheduledAtMs, burstMs).length * cost.cpuMs) / (burstMs * machine.cpus);
  return { asked: 'auto', factor: factorFor(overheadRatio, cpuRatio), ...cost, overheadRatio, cpuRatio };
}

/** The smallest factor that keeps both shares within their limits, or the largest there is. */
export const factorFor = (overheadRatio: number, cpuRatio: number): number =>
  autoFactors.find((k) => overheadRatio / k <= overheadRatioMax && cpuRatio / k <= cpuRatioMax) ??
  Math.max(...autoFactors);

/** Returns the ascending times within the span of `spanMs` that holds the most of them. */
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

/** The path of the experiment, to a dependency that is as fast under load as it is alone. */
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
    deadlineMs: Math.max(deadlineMs, 10_000),
    drainMs: Math.max(deadlineMs, 10_000),
    slowMotion: 1,
    repeat: 1,
    load: [{ arrivals: { kind: 'replay', atMs, stretch: 1 } }],
    downstream: {
      ...downstream,
      model: { kind: 'fixed', latencyMs: healthyMs(downstream), failureRatio: 0 },
    },
    variants: { [probe.name]: variant },
    faults: [],
    redrives: [],
    steadyState: [],
    hypothesis: [],
  };
}
