import { type MetricName, metric, metricNames } from '#lab/experiment/metrics/catalogue.ts';
import { formatOf, metricName } from '#lab/experiment/metrics/shown.ts';
import { figuresAt } from '#lab/explore/boundary.ts';
import type { Probability, SweepResult } from '#lab/explore/result.ts';
import { type Format, interval, none, share } from '#lab/kit/text/format.ts';

/** Mean or probability with its interval. */
export type Value = Partial<Probability> | null;

/** Figure of all points that a chart can show. */
export interface Charted {
  readonly id: string;
  readonly name: string;
  /** True if it is a share of seeds or of requests: its axis ends at 100 %. */
  readonly isShare: boolean;
  /** True if a boundary lies where it crosses 0.5. */
  readonly isProbability: boolean;
  readonly format: Format;
  /** True if a high value is good, so that a low one is red. */
  readonly isBetterHigh: boolean;
  /** Values by variant and point. A figure of the whole experiment has only one list. */
  readonly values: readonly (readonly Value[])[];
}

/** Returns the figures of a sweep. Leaves out those that are unknown or 0 at every point. */
export function chartsOf(sweep: SweepResult): Charted[] {
  const { variants, hypotheses, points } = sweep;
  const probability = (
    id: string,
    name: string,
    values: Charted['values'],
    isBetterHigh = true,
  ): Charted => ({
    ...{ id, name, values, format: share, isShare: true, isProbability: true, isBetterHigh },
  });
  const ofMetric = (id: MetricName): Charted => {
    const { unit, better } = metric(id);
    const isBetterHigh = better === 'more' || id === 'recovered';
    const values = variants.map((name) => figuresAt(sweep, name, id).map((figure) => figure ?? null));
    if (unit === 'verdict') return probability(id, `P(${metricName(id)})`, values, isBetterHigh);
    const isShare = unit === 'share';
    return {
      ...{ id, name: metricName(id), values, isShare, isBetterHigh },
      format: formatOf(unit),
      isProbability: false,
    };
  };
  const ofHypotheses = [
    probability('holds', 'P(all hypotheses hold)', [points.map(({ holds }) => holds)]),
    ...(hypotheses.length > 1 ? hypotheses : []).map((text, index) =>
      probability(`h${index + 1}`, `P(${text})`, [points.map((point) => point.hypotheses[index] ?? null)]),
    ),
  ];
  const all = [
    ofMetric('metastable'),
    ...ofHypotheses,
    ...metricNames.filter((name) => name !== 'metastable').map(ofMetric),
  ];
  return all.filter(
    ({ id, values }) =>
      id === 'goodput' ||
      values.flat().some((each) => each && ((each.value ?? 0) > 0 || id === 'metastable' || id === 'holds')),
  );
}

/** Returns the figure to show first: a probability that differs between points, or else goodput. */
export const firstOf = (figures: readonly Charted[]): Charted =>
  figures.find(
    ({ isProbability, values }) =>
      isProbability && new Set(values.flat().map((each) => each?.value)).size > 1,
  ) ?? figures.find(({ id }) => id === 'goodput')!;

/** Formats a value with its interval: `97 % (95 % to 98 %)`. */
export function shown(of: Value, format: Format): string {
  const { value = null, low = null, high = null } = of ?? {};
  if (value === null) return none;
  return format(value) + (low === null || high === null ? '' : ` (${interval({ low, high }, format)})`);
}

/** Returns at most so many values with their indices, evenly spread from the first on. */
export function ticksOf(values: readonly number[], most: number) {
  const nth = Math.ceil(values.length / most);
  return values.flatMap((value, index) => (index % nth === 0 ? { value, index } : []));
}
