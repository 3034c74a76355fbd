import { metricOf } from '#lab/experiment/metrics/catalogue.ts';
import type { Probability, SweepResult } from './result.ts';

/** Formats a sweep as CSV: a row for each point, variant and figure. Rows of hypotheses have no variant. */
export function csvOf({ paths, points, hypotheses, figures }: SweepResult): string {
  const head = [...paths.map(({ path }) => path), 'variant', 'figure', 'value', 'low', 'high', 'seeds'];
  const rows = points.flatMap((point, index) => {
    const row = (variant: string, figure: string, of: Partial<Probability> | null) => [
      ...[...point.values, variant, figure],
      ...[of?.value ?? null, of?.low ?? null, of?.high ?? null, of?.n ?? point.valid],
    ];
    return [
      ...figures
        .filter((figure) => figure.point === index)
        .map((figure) => row(figure.variant, nameOf(figure.metric), figure)),
      ...hypotheses.map((text, index) => row('', `P(${text})`, point.hypotheses[index] ?? null)),
      row('', 'P(all hypotheses hold)', point.holds),
    ];
  });
  return [head, ...rows].map((cells) => `${cells.map(cellOf).join(',')}\r\n`).join('');
}

/** Returns the name of a figure over seeds: of a verdict, its probability. */
const nameOf = (metric: string): string => (metricOf(metric)?.unit === 'verdict' ? `P(${metric})` : metric);

const cellOf = (value: string | number | null): string => {
  const text = String(value ?? '');
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};
