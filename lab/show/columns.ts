import { outcomes } from '#kit/wire.ts';
import { formatOf } from '#lab/experiment/hypothesis/metric-name.ts';
import { type MetricName, metrics } from '#lab/experiment/hypothesis/metrics.ts';
import { count, type Format, interval, none, number, share } from '#lab/experiment/text/format.ts';
import { byMeanGoodput, collapseOver, meanOver } from '#lab/judge/statistics/estimates.ts';
import { byGoodput, measuredVariants, refusedRetriesOf } from '#lab/result/facts.ts';
import type { Result, VariantResult } from '#lab/result/result.ts';

/** Column of a table of figures. */
export interface Column<T> {
  readonly head: string;
  /** Formats a cell, which may have a second line. */
  readonly cell: (thing: T) => string;
  readonly tone?: (thing: T) => Tone;
}

export type Tone = 'green' | 'red' | 'yellow' | 'dim';

export function goodputTone(goodput: number): Tone {
  if (goodput >= 0.95) return 'green';
  return goodput < 0.5 ? 'red' : 'yellow';
}

/** Returns the names of the variants, the best first. */
export const namesByGoodput = (result: Result): string[] =>
  result.rounds ? byMeanGoodput(result.rounds) : byGoodput(measuredVariants(result)).map(({ name }) => name);

/**
 * Returns the columns with the figures of each variant, by name: for a single run its outcomes, for rounds the means, and
 * below them their intervals. Leaves out outcomes and refusals that never happened.
 */
export function columnsOf(result: Result): Column<string>[] {
  const { rounds, variants } = result;
  const ofVariant = (head: string, of: (variant: VariantResult) => number | null): Column<string>[] =>
    variants.some((variant) => of(variant)) || head === 'ok'
      ? [{ head, cell: (name) => shown(of(variantOf(result, name)!), count) }]
      : [];
  return [
    {
      ...metricColumn(result, 'goodput', 'goodput', share),
      tone: (name) => goodputTone(variantOf(result, name)?.goodput ?? 0),
    },
    ...(rounds
      ? [
          {
            head: 'collapsed',
            cell(name: string) {
              const estimate = collapseOver(rounds, name);
              return `${estimate.count} of ${estimate.of}\n${interval(estimate, share)}`;
            },
          },
        ]
      : outcomes.flatMap((outcome) => ofVariant(outcome, (variant) => variant.outcomes[outcome]))),
    metricColumn(result, 'attempts', 'amplification', number, '/req'),
    ...(rounds ? [] : ofVariant('refused retries', refusedRetriesOf)),
    metricColumn(result, 'p50', 'p50'),
    metricColumn(result, 'p99', 'p99'),
  ];
}

/** Returns the columns of duplicate and wasted effects and lost events. Leaves out those that never happened. */
export const effectColumns = (result: Result): Column<string>[] =>
  (['duplicates', 'wasted', 'lost'] as const)
    .filter((metric) => result.variants.some((variant) => metrics[metric].of(variant)))
    .map((metric) => metricColumn(result, metric, metric));

const variantOf = ({ variants }: Result, name: string): VariantResult | undefined =>
  variants.find((variant) => variant.name === name);

const shown = (value: number | null, format: Format): string => (value === null ? none : format(value));

function metricColumn(
  result: Result,
  head: string,
  metric: MetricName,
  format: Format = formatOf(metrics[metric].unit),
  per = '',
): Column<string> {
  return {
    head,
    cell(name) {
      const { rounds } = result;
      const mean = rounds && meanOver(rounds, name, metric);
      if (mean) return `${format(mean.value)}${per}\n${interval(mean, format)}`;
      const variant = rounds ? undefined : variantOf(result, name);
      return shown(variant ? metrics[metric].of(variant) : null, (value) => format(value) + per);
    },
  };
}
