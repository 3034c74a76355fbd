import { collapseOver, meanOver, variantNames } from '#lab/analysis/statistics/estimates.ts';
import type { MetricName } from '#lab/experiment/hypothesis/metrics.ts';
import type { Round } from '#lab/result/result.ts';
import { duration, interval, none, number, plural, share } from '#lab/text/format.ts';
import { type Column, goodputTone } from './columns.ts';
import { figureLines } from './figures.ts';
import { type Paint, wrap } from './paper.ts';

/** The means over rounds with their intervals, a variant each. */
export function roundLines(rounds: readonly Round[], paint: Paint, width: number): string[] {
  const rows = variantNames(rounds).map((name) => ({ label: name, thing: name }));
  if (rows.length === 0) return [];
  const { lines } = figureLines('variant', rows, columnsOf(rounds), paint, width);
  const few = rounds.length < 10 ? '; a claim wants 10 rounds or more' : '';
  const note = `Means over ${plural(rounds.length, 'round')}, and below them their 95 % intervals${few}.`;
  return [...lines, ...wrap(note, width, '').map((line) => paint('dim', line))];
}

/** Of variants, given by name. */
function columnsOf(rounds: readonly Round[]): Column<string>[] {
  const mean = (
    head: string,
    metric: MetricName,
    format: (value: number) => string,
    unit = '',
  ): Column<string> => ({
    head,
    cell(name) {
      const estimate = meanOver(rounds, name, metric);
      return estimate ? `${format(estimate.value)}${unit}\n${interval(estimate, format)}` : none;
    },
  });
  return [
    {
      ...mean('goodput', 'goodput', share),
      tone: (name) => goodputTone(meanOver(rounds, name, 'goodput')?.value ?? 0),
    },
    {
      head: 'collapsed',
      cell(name) {
        const estimate = collapseOver(rounds, name);
        return `${estimate.count} of ${estimate.of}\n${interval(estimate, share)}`;
      },
    },
    mean('attempts', 'amplification', number, '/req'),
    mean('p50', 'p50', duration),
    mean('p99', 'p99', duration),
  ];
}
