import type { Figure } from '#lab/experiment/metrics/figure.ts';
import { figuresOver, probabilityOf } from '#lab/judge/statistics/rounds.ts';
import type { PointResult } from './result.ts';
import type { Sample } from './sample.ts';
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

/** Difference in goodput from which two points differ. */
const goodputMin = 0.1;

/** True if two simulations have the same verdicts, and about the same goodput of each variant. */
export function areAlike(one: Sample, other: Sample): boolean {
  const verdicts = ({ hypotheses, figures }: Sample) =>
    [...hypotheses.map(({ ok }) => ok), ...figures.filter(isMetastable).map(({ value }) => value)].join();
  const goodputs = ({ figures }: Sample) =>
    figures.flatMap((figure) => (figure.metric === 'goodput' && isOfRun(figure) ? figure.value! : []));
  const others = goodputs(other);
  return (
    verdicts(one) === verdicts(other) &&
    goodputs(one).every((goodput, i) => Math.abs(goodput - others[i]!) < goodputMin)
  );
}

const isMetastable = (figure: Figure): boolean => figure.metric === 'metastable' && isOfRun(figure);

/** Metrics in which points near each other were compared. Others may differ between them. */
const compared: readonly string[] = ['goodput', 'metastable'];

/** Gives points that were not simulated the verdicts of their nearest neighbour, and the figures that were compared. */
export function inferFromNearest(
  points: ReturnType<typeof estimate>[],
  values: readonly (readonly number[])[],
): void {
  const rows = values.at(-1)!.length;
  const simulated = [...points.keys()].filter((index) => points[index]!.seeds > 0);
  const distance = (a: number, b: number) =>
    Math.abs(Math.floor(a / rows) - Math.floor(b / rows)) + Math.abs((a % rows) - (b % rows));
  points.forEach((point, index) => {
    if (point.seeds > 0) return;
    const from = simulated.reduce((best, each) =>
      distance(each, index) < distance(best, index) ? each : best,
    );
    const figures = points[from]!.figures.filter(({ metric }) => compared.includes(metric));
    points[index] = { ...points[from]!, figures, values: point.values, seeds: 0, valid: 0, inferred: true };
  });
}
