import { type MetricName, metrics, runMetricNames, units } from '#lab/experiment/hypothesis/metrics.ts';
import { collapsedPart } from '#lab/result/facts.ts';
import type { Result, Round } from '#lab/result/result.ts';
import { type BySeed, bootstrapMean, type Estimate, meanOf, type Tally, tallyOf } from './bootstrap.ts';

/** Returns the variants of rounds, in the order of the file. */
export const variantNames = (rounds: readonly Round[]): string[] => [
  ...new Set(rounds.flatMap(({ variants }) => variants.map(({ name }) => name))),
];

/** Returns the values of a variant by seed. Leaves out rounds that ended before the variant was finished. */
export function valuesOf(rounds: readonly Round[], variant: string, metric: MetricName): BySeed {
  return new Map(
    rounds.flatMap(({ seed, variants }) => {
      const found = variants.find(({ name }) => name === variant);
      return found ? [[seed, found.values[metric] ?? null]] : [];
    }),
  );
}

/** Estimates the mean of a metric; null unless all rounds measured it, as the mean of some would be biased. */
export function meanOver(rounds: readonly Round[], variant: string, metric: MetricName): Estimate | null {
  const values = [...valuesOf(rounds, variant, metric).values()];
  const { max } = units[metrics[metric].unit];
  if (values.length === 0 || values.includes(null)) return null;
  return within(bootstrapMean(values as number[], eventIn(rounds, variant, metric)), 0, max);
}

/** Returns the value of one event in a mean over rounds; 0 if the metric counts none. */
export function eventIn(rounds: readonly Round[], variant: string, metric: MetricName): number {
  const offered = [...valuesOf(rounds, variant, 'offered').values()].map((count) => count ?? 0);
  return units[metrics[metric].unit].event?.(meanOf(offered)) ?? 0;
}

/** Limits the bounds of a difference to what is possible for the metric. */
export const differenceOf = (metric: MetricName, difference: Estimate | null): Estimate | null => {
  const { max } = units[metrics[metric].unit];
  return difference && within(difference, -max, max);
};

/** Limits an interval to possible values. The interval from few runs may be wider. */
export const within = <T extends Pick<Estimate, 'low' | 'high'>>(of: T, min: number, max: number): T => ({
  ...of,
  low: Math.max(min, of.low),
  high: Math.min(max, of.high),
});

/** Returns the variants of rounds by their mean goodput, the best first. */
export function byMeanGoodput(rounds: readonly Round[]): string[] {
  const means = variantNames(rounds).map((name) => ({ name, mean: meanOver(rounds, name, 'goodput') }));
  return means.toSorted((a, b) => (b.mean?.value ?? -1) - (a.mean?.value ?? -1)).map(({ name }) => name);
}

/** Estimates the probability that a variant collapses, over the rounds in which it was finished. */
export function collapseOver(rounds: readonly Round[], variant: string): Tally & Estimate {
  const all = rounds.flatMap(({ variants }) => variants.filter(({ name }) => name === variant));
  return tallyOf(all, ({ collapsed }) => collapsed);
}

/** Returns the figures of a run that are compared with other rounds. */
export const roundOf = ({
  experiment,
  status,
  variants,
}: Pick<Result, 'experiment' | 'status' | 'variants'>): Round => ({
  seed: experiment.seed,
  status,
  variants: variants.map((variant) => ({
    name: variant.name,
    values: Object.fromEntries(runMetricNames.map((name) => [name, metrics[name].of(variant)])),
    collapsed: collapsedPart(variant) !== undefined,
    recoveries: (variant.windows ?? []).flatMap(({ name, recovery }) =>
      recovery ? [{ window: name, recovery }] : [],
    ),
  })),
});
