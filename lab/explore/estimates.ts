import type { Sample } from '#lab/conduct/sample.ts';
import type { Figure } from '#lab/experiment/metrics/figure.ts';
import { figuresOver, probabilityOf } from '#lab/judge/statistics/rounds.ts';
import type { PointResult } from './result.ts';
import type { Point } from './space.ts';

/** Estimates the figures of a point over its simulations. Of those with a problem, only verdicts count. */
export function estimate(point: Point, samples: readonly Sample[]): PointResult & { figures: Figure[] } {
  const valid = samples.filter(({ problem }) => problem === undefined);
  const problems = [...new Set(samples.flatMap(({ problem }) => problem ?? []))];
  const watched = valid.flatMap(({ watchedMs }) => watchedMs ?? []);
  const often = (isSo: (sample: Sample) => boolean | null) =>
    probabilityOf(samples.map(isSo), samples.length) ?? null;
  return {
    values: [...point],
    seeds: samples.length,
    valid: valid.length,
    problems,
    ...(watched.length > 0 && { watchedMs: Math.max(...watched) }),
    hypotheses: (samples[0]?.hypotheses ?? []).map((_, index) => often((each) => each.hypotheses[index]!.ok)),
    holds: often(allHold),
    figures: figuresOver(valid.map(({ figures }) => figures.filter(isOfRun))),
  };
}

const isOfRun = ({ window }: Figure): boolean => window === undefined;

/** True if all hypotheses hold, false if one fails. Null if this is unknown, or without a hypothesis. */
export function allHold({ hypotheses }: Pick<Sample, 'hypotheses'>): boolean | null {
  if (hypotheses.some(({ ok }) => ok === false)) return false;
  return hypotheses.length > 0 && hypotheses.every(({ ok }) => ok) ? true : null;
}
