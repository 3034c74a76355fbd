import type { Sample } from '#lab/conduct/sample.ts';
import { type MetricName, runMetricNames } from '#lab/experiment/hypothesis/metrics.ts';
import { tallyOf } from '#lab/judge/statistics/bootstrap.ts';
import { collapseOver, meanOver } from '#lab/judge/statistics/estimates.ts';
import type { Round } from '#lab/result/result.ts';
import type { MeanResult, PointResult, Probability } from '#lab/result/sweep.ts';
import { level } from './boundary.ts';
import type { Point } from './space.ts';

/** Estimates the figures of a point over its simulations. Of those with a problem, only verdicts count. */
export function estimate(point: Point, samples: readonly Sample[], variants: readonly string[]): PointResult {
  const valid = samples.filter(({ problem }) => problem === undefined);
  const problems = [...new Set(samples.flatMap(({ problem }) => problem ?? []))];
  const rounds = valid.map(({ round }) => round);
  const watched = valid.flatMap(({ watchedMs }) => watchedMs ?? []);
  const hypotheses =
    samples[0]?.hypotheses.map((_, index) => probability(samples, (each) => each.hypotheses[index]!.ok)) ??
    [];
  return {
    values: [...point],
    seeds: samples.length,
    valid: valid.length,
    problems,
    ...(watched.length > 0 && { watchedMs: Math.max(...watched) }),
    variants: variants.map((name) => ({
      name,
      metrics: Object.fromEntries(runMetricNames.map((metric) => [metric, mean(rounds, name, metric)])),
      collapsed: rounds.length > 0 ? collapseOver(rounds, name) : null,
      metastable: probability(rounds, (round) => metastableIn(round, name)),
    })),
    hypotheses,
    holds: probability(samples, allHold),
  };
}

function mean(rounds: readonly Round[], variant: string, metric: MetricName): MeanResult | null {
  const found = meanOver(rounds, variant, metric);
  if (!found) return null;
  const { value, low, high } = found;
  return Number.isNaN(low) ? { value, low: null, high: null } : { value, low, high };
}

/** True if all hypotheses hold, false if one fails. Null if this is unknown, or without a hypothesis. */
export function allHold({ hypotheses }: Pick<Sample, 'hypotheses'>): boolean | null {
  if (hypotheses.some(({ ok }) => ok === false)) return false;
  return hypotheses.length > 0 && hypotheses.every(({ ok }) => ok) ? true : null;
}

/**
 * True if a variant never recovers from some fault or phase that is over, although the load is as before. Null if this
 * is unknown for every fault and phase, or if the variant is still recovering from one.
 */
export function metastableIn({ variants }: Pick<Round, 'variants'>, name: string): boolean | null {
  const recoveries = variants.find((variant) => variant.name === name)?.recoveries ?? [];
  const known = recoveries.flatMap(({ recovery: { metastable } }) => metastable ?? []);
  if (known.includes(true)) return true;
  const isRecovering = recoveries.some(({ recovery: { leftMs } }) => leftMs !== undefined);
  return known.length === 0 || isRecovering ? null : false;
}

/**
 * Estimates how often something is so, among those of which it is known. The others may be so or not: the interval allows
 * for both. Null if they could decide whether it is so for most.
 */
function probability<T>(all: readonly T[], isSo: (each: T) => boolean | null): Probability | null {
  const known = all.filter((each) => isSo(each) !== null);
  if (known.length === 0) return null;
  const withOthers = (areSo: boolean) => tallyOf(all, (each) => isSo(each) ?? areSo);
  const [least, most] = [withOthers(false), withOthers(true)];
  if (least.value < level && most.value >= level) return null;
  return { ...tallyOf(known, (each) => isSo(each) === true), low: least.low, high: most.high };
}
