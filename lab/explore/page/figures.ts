import { formatOf, metricName } from '#lab/experiment/hypothesis/metric-name.ts';
import { type MetricName, metrics, runMetricNames } from '#lab/experiment/hypothesis/metrics.ts';
import { type Format, interval, none, share } from '#lab/experiment/text/format.ts';
import type { PointResult, SweepResult } from '#lab/result/sweep.ts';

/** Mean or probability with its interval. */
export type Value = Readonly<{ value: number; low: number | null; high: number | null }> | null;

/** Figure of all points that a chart can show. */
export interface Figure {
  readonly id: string;
  readonly name: string;
  /** True if it is a share of seeds or of requests: its axis ends at 100 %. */
  readonly isShare: boolean;
  /** True if a boundary lies where it crosses 0.5. */
  readonly isProbability: boolean;
  readonly format: Format;
  /** Values by variant and point. A figure of the whole experiment has only one list. */
  readonly values: readonly (readonly Value[])[];
}

/** Returns the figures of a sweep. Leaves out those that are unknown or 0 at every point. */
export function figuresOf(sweep: SweepResult): Figure[] {
  const { variants, hypotheses, points } = sweep;
  const byVariant = (of: (variant: PointResult['variants'][number]) => Value) =>
    variants.map((_, index) => points.map((point) => of(point.variants[index]!)));
  const probability = (id: string, name: string, values: Figure['values']): Figure => ({
    ...{ id, name, values, format: share, isShare: true, isProbability: true },
  });
  const metric = (id: MetricName): Figure => ({
    id,
    name: metricName(id),
    isShare: metrics[id].unit === 'share',
    isProbability: false,
    format: formatOf(metrics[id].unit),
    values: byVariant((variant) => variant.metrics[id] ?? null),
  });
  const ofHypotheses = [
    probability('holds', 'P(all hypotheses hold)', [points.map(({ holds }) => holds)]),
    ...(hypotheses.length > 1 ? hypotheses : []).map((text, index) =>
      probability(`h${index + 1}`, `P(${text})`, [points.map((point) => point.hypotheses[index] ?? null)]),
    ),
  ];
  const all = [
    probability(
      'metastable',
      'P(metastable)',
      byVariant(({ metastable }) => metastable),
    ),
    ...ofHypotheses,
    metric('goodput'),
    probability(
      'collapsed',
      'P(collapsed)',
      byVariant(({ collapsed }) => collapsed),
    ),
    ...runMetricNames.filter((name) => name !== 'goodput' && name !== 'collapsed').map(metric),
  ];
  return all.filter(
    ({ id, values }) =>
      id === 'goodput' ||
      values.flat().some((each) => each && (each.value > 0 || id === 'metastable' || id === 'holds')),
  );
}

/** Returns the figure to show first: a probability that differs between points, or else goodput. */
export const firstOf = (figures: readonly Figure[]): Figure =>
  figures.find(
    ({ isProbability, values }) =>
      isProbability && new Set(values.flat().map((each) => each?.value)).size > 1,
  ) ?? figures.find(({ id }) => id === 'goodput')!;

/** Formats a value with its interval: `97 % (95 % to 98 %)`. */
export function shown(value: Value, format: Format): string {
  if (!value) return none;
  const { low, high } = value;
  const around =
    low === null || high === null ? '' : ` (${interval({ low: Math.max(0, low), high }, format)})`;
  return format(value.value) + around;
}
