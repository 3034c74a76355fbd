import { type Outcome, outcomes } from '#kit/wire.ts';
import { byMeanGoodput, valuesOf, variantNames } from '#lab/analysis/statistics/estimates.ts';
import type { MetricName } from '#lab/experiment/hypothesis/metrics.ts';
import { byGoodput, configured, measuredVariants } from '#lab/result/facts.ts';
import type { Result, Round } from '#lab/result/result.ts';

/** Outcomes of a variant's requests; with several rounds, the means over the rounds. */
export interface Bar {
  readonly name: string;
  /** Position of the variant in the file, for its letter and colour. */
  readonly index: number;
  readonly description: string;
  readonly goodput: number;
  readonly offered: number;
  readonly outcomes: Readonly<Record<Outcome, number>>;
}

/** Returns the bars of all variants that have requests, the best first. */
export function barsOf(result: Result): Bar[] {
  if (result.rounds) return meanBars(result, result.rounds);
  return byGoodput(measuredVariants(result)).map((variant) => ({
    ...variant,
    index: result.variants.indexOf(variant),
  }));
}

function meanBars(result: Result, rounds: readonly Round[]): Bar[] {
  const names = variantNames(rounds);
  const all = byMeanGoodput(rounds).map((name) => ({
    name,
    index: names.indexOf(name),
    description: configured(result).find((variant) => variant.name === name)?.description ?? '',
    goodput: plainMean(rounds, name, 'goodput'),
    offered: plainMean(rounds, name, 'offered'),
    outcomes: Object.fromEntries(
      outcomes.map((outcome) => [outcome, plainMean(rounds, name, outcome)]),
    ) as Record<Outcome, number>,
  }));
  return all.filter(({ offered }) => offered > 0);
}

/** Returns the mean over the rounds that measured a metric, without an interval; 0 if none did. */
function plainMean(rounds: readonly Round[], name: string, metric: MetricName): number {
  const values = [...valuesOf(rounds, name, metric).values()].filter((value) => value !== null);
  return values.reduce((sum, value) => sum + value, 0) / (values.length || 1);
}
