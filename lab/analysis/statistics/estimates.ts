import { type MetricName, metrics, units } from '#lab/experiment/hypothesis/metrics.ts';
import type { Round } from '#lab/result/result.ts';
import { bootstrapMean, type Estimate } from './bootstrap.ts';
import type { BySeed } from './paired.ts';
import { type Tally, tallyOf } from './wilson.ts';

/** The variants of rounds, in the order of the file. */
export const variantNames = (rounds: readonly Round[]): string[] => [
  ...new Set(rounds.flatMap(({ variants }) => variants.map(({ name }) => name))),
];

/** What each round measured of a variant; a round that ended before it has nothing. */
export function valuesOf(rounds: readonly Round[], variant: string, metric: MetricName): BySeed {
  return new Map(
    rounds.flatMap(({ seed, variants }) => {
      const found = variants.find(({ name }) => name === variant);
      return found ? [[seed, found.values[metric] ?? null]] : [];
    }),
  );
}

/** The mean over the rounds that measured it; null where none did. */
export function meanOver(rounds: readonly Round[], variant: string, metric: MetricName): Estimate | null {
  const values = [...valuesOf(rounds, variant, metric).values()].filter((value) => value !== null);
  return values.length > 0 ? within(bootstrapMean(values), 0, units[metrics[metric].unit].max) : null;
}

/** Of a difference between values of a metric, no more than there can be. */
export const differenceOf = (metric: MetricName, difference: Estimate | null): Estimate | null => {
  const { max } = units[metrics[metric].unit];
  return difference && within(difference, -max, max);
};

/** With bounds that there can be: the interval of few runs may reach beyond. */
export const within = <T extends Pick<Estimate, 'low' | 'high'>>(of: T, min: number, max: number): T => ({
  ...of,
  low: Math.max(min, of.low),
  high: Math.min(max, of.high),
});

/** In how many of the rounds that finished it a variant collapsed, and the probability behind that. */
export function collapseOver(rounds: readonly Round[], variant: string): Tally & Estimate {
  const all = rounds.flatMap(({ variants }) => variants.filter(({ name }) => name === variant));
  return tallyOf(all, ({ collapsed }) => collapsed);
}
