import type { MetricName, Percentile } from '#lab/experiment/hypothesis/metrics.ts';
import type { Round } from '#lab/result/result.ts';
import type { BySeed } from './paired.ts';

/**
 * What a figure would have been, had `ratio` times as much been done: a count so many times as much, and a percentile a
 * higher one, since whatever is done in addition may be slower than the rest, or a lower one, since the slowest may be left out.
 */
export function asDone(rounds: readonly Round[], variant: string, metric: MetricName, ratio: number): BySeed {
  const part = known.find(([name]) => name === metric)?.[1];
  return new Map(
    rounds.flatMap(({ seed, variants }) => {
      const values = variants.find(({ name }) => name === variant)?.values;
      if (!values) return [];
      const value = values[metric] ?? null;
      const times = value === null ? null : value * ratio;
      return [[seed, part === undefined ? times : quantile(values, part * ratio)]];
    }),
  );
}

type Values = Round['variants'][number]['values'];

/** The percentiles of a round, and of which part of the completed each is the slowest. */
const known: readonly (readonly [Percentile, number])[] = [
  ['p50', 0.5],
  ['p90', 0.9],
  ['p95', 0.95],
  ['p99', 0.99],
  ['p999', 0.999],
];

/** On a straight line between the two that are known; beyond them nothing is too much, or too little. */
function quantile(values: Values, part: number): number | null {
  const above = known.findIndex(([, of]) => of >= part);
  if (above < 1) return above === 0 ? 0 : Number.POSITIVE_INFINITY;
  const [[lowName, low], [highName, high]] = [known[above - 1]!, known[above]!];
  const [from, to] = [values[lowName] ?? null, values[highName] ?? null];
  return from === null || to === null ? null : from + ((part - low) / (high - low)) * (to - from);
}
