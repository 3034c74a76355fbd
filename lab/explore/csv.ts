import { metricOf } from '#lab/experiment/metrics/catalogue.ts';
import { csvOf } from '#lab/show/csv.ts';
import type { Probability, SweepResult } from './result.ts';

/** Formats a sweep as CSV: a row for each point, variant and figure. Rows of hypotheses have no variant. */
export function sweepCsv({ paths, points, hypotheses, figures }: SweepResult): string {
  const head = [...paths.map(({ path }) => path), 'variant', 'figure', 'value', 'low', 'high', 'seeds'];
  const byPoint = Map.groupBy(figures, ({ point }) => point);
  const rows = points.flatMap((point, index) => {
    const row = (variant: string, figure: string, of: Partial<Probability> | null) => [
      ...[...point.values, variant, figure],
      ...[of?.value, of?.low, of?.high, point.inferred ? 0 : (of?.n ?? point.valid)],
    ];
    return [
      ...(byPoint.get(index) ?? []).map((figure) => row(figure.variant, nameOf(figure.metric), figure)),
      ...hypotheses.map((text, index) => row('', `P(${text})`, point.hypotheses[index] ?? null)),
      row('', 'P(all hypotheses hold)', point.holds),
    ];
  });
  return csvOf(head, rows);
}

/** Returns the name of a figure over seeds: of a verdict, its probability. */
const nameOf = (metric: string): string => (metricOf(metric)?.unit === 'verdict' ? `P(${metric})` : metric);
