import { type MetricName, metric, units } from '#lab/experiment/metrics/catalogue.ts';
import type { Figure } from '#lab/experiment/metrics/figure.ts';
import { figureAt } from '#lab/experiment/metrics/table.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { count, inNumber, range } from '#lab/kit/text/format.ts';
import { type BySeed, bootstrapMean, type Estimate, meanOf, tallyOf } from './bootstrap.ts';

/**
 * Combines the figures of rounds, or of simulations with several seeds. Leaves out figures that some round lacks, as the
 * mean of the others would be biased. Rounds that ended before a variant was finished don't count, nor do those in which
 * the fault of a window was never in force.
 */
export function figuresOver(rounds: readonly (readonly Figure[])[]): Figure[] {
  const placeOf = ({ variant, window }: Figure) => `${variant}\n${window}`;
  const all = Map.groupBy(rounds.flat(), placeOf);
  return [...all.values()].flatMap((part) => {
    const groups = Map.groupBy(part, ({ metric, deadlineMs }) => `${metric} ${deadlineMs}`);
    const of = groups.get('offered undefined')?.length ?? 0;
    return [...groups.values()].flatMap((rows) => combined(rows, of) ?? []);
  });
}

/** Combines the figures of one place. `of` is the number of rounds that could have one. */
function combined(rows: readonly Figure[], of: number): Figure | undefined {
  const { variant, window, metric: name, deadlineMs, source, n } = rows[0]!;
  const place = {
    variant,
    metric: name,
    source,
    ...(window !== undefined && { window }),
    ...(deadlineMs !== undefined && { deadlineMs }),
  };
  const { unit, hasMedian } = metric(name as MetricName);
  if (unit === 'verdict') {
    const probability = probabilityOf(
      rows.map(({ value }) => value),
      of,
    );
    return probability && { ...place, ...probability };
  }
  if (hasMedian) return { ...place, ...medianOf(rows), n: rows.length };
  const values = rows.flatMap(({ value, atLeast }) => value ?? atLeast ?? []);
  if (values.length < Math.max(1, of)) return undefined;
  const event = units[unit].event?.(n === undefined ? 1 : meanOf(rows.map(({ n = 0 }) => n))) ?? 0;
  const { value, low, high } = within(bootstrapMean(values, event), 0, units[unit].max);
  const ends = Number.isNaN(low) ? {} : { low, high };
  if (rows.every((row) => row.value !== null)) return { ...place, value, ...ends, n: values.length };
  return { ...place, value: null, atLeast: value, ...ends, high: null, n: values.length };
}

/** Limits an interval to possible values. The interval from few runs may be wider. */
export const within = <T extends Pick<Estimate, 'low' | 'high'>>(of: T, min: number, max: number): T => ({
  ...of,
  low: Math.max(min, of.low),
  high: Math.min(max, of.high),
});

/** Probability at which a boundary lies. */
export const level = 0.5;

/**
 * Estimates how often something is so in `of` rounds, from those of which it is known. The others may be so or not: the
 * interval allows for both. Undefined if they could decide whether it is so for most.
 */
export function probabilityOf(
  verdicts: readonly (number | boolean | null)[],
  of: number,
): Pick<Figure, 'value' | 'low' | 'high' | 'n'> | undefined {
  const known = verdicts.filter((verdict) => verdict !== null);
  const open = Math.max(0, of - known.length);
  if (known.length === 0) return undefined;
  const withOthers = (areSo: boolean) => tallyOf([...known, ...Array(open).fill(areSo)], Boolean);
  const [least, most] = [withOthers(false), withOthers(true)];
  if (least.value < level && most.value >= level) return undefined;
  return { value: tallyOf(known, Boolean).value, low: least.low, high: most.high, n: known.length };
}

/** Returns in how many of its rounds a verdict is yes. */
export const countOf = ({ value, n = 0 }: Pick<Figure, 'value' | 'n'>): number =>
  Math.round((value ?? 0) * n);

/**
 * Returns the median of times. For an even number of times, this is the upper one of the two in the middle. The bounds
 * come from ranks, and hold for any distribution (Conover 1999, section 3.2); fewer than six times have none. A time of
 * which only a lower bound is known counts as anything from this bound to Infinity.
 */
export function medianOf(
  times: readonly Pick<Figure, 'value' | 'atLeast'>[],
): Pick<Figure, 'value' | 'atLeast' | 'low' | 'high'> {
  const least = times.map(({ value, atLeast = 0 }) => value ?? atLeast).toSorted((a, b) => a - b);
  const most = times.map(({ value }) => value ?? Infinity).toSorted((a, b) => a - b);
  const middle = Math.floor(times.length / 2);
  const isKnown = least[middle] === most[middle];
  const below = ranksBelow(times.length);
  const high = most[times.length - below]!;
  return {
    ...(isKnown ? { value: least[middle]! } : { value: null, atLeast: least[middle]! }),
    ...(below > 0 && { low: least[below - 1]!, high: Number.isFinite(high) ? high : null }),
  };
}

/**
 * Returns the number of ranks that the 95 % interval leaves out on each side, plus 1. Returns 0 for so few values that
 * even the lowest and the highest may not enclose the median.
 */
function ranksBelow(of: number): number {
  let ranks = 0;
  let chance = 0.5 ** of;
  for (let tail = chance; tail <= 0.025; tail += chance) {
    ranks++;
    chance *= (of - ranks + 1) / ranks;
  }
  return ranks;
}

type Rounds = Pick<Result, 'figures' | 'rounds' | 'experiment'>;

/** Returns the seeds of a result's rounds. A single run counts as one round. */
export const seedsIn = ({ rounds, experiment }: Rounds): number[] =>
  rounds?.map(({ seed }) => seed) ?? [experiment.seed];

/** Returns values by seed; null for a round without one. Leaves out rounds that ended before the variant did. */
export function valuesOf(result: Rounds, variant: string, metric: MetricName): BySeed {
  return new Map(
    seedsIn(result).flatMap((seed) => {
      const at = (metric: MetricName) =>
        figureAt(result.figures, { variant, metric, ...(result.rounds && { round: seed }) });
      return at('offered') ? [[seed, at(metric)?.value ?? null]] : [];
    }),
  );
}

/** Formats the number of rounds in means of variants: `2 rounds`, or `1 to 2 rounds` if some variants have fewer. */
export function roundsText(result: Rounds & Pick<Result, 'variants'>): string {
  const sizes = variantNames(result).map((name) => valuesOf(result, name, 'goodput').size);
  return `${range(sizes, count)}\u00a0${inNumber(Math.max(...sizes), 'round')}`;
}

/** Returns the variants that at least one round finished, in the order of the file. */
export const variantNames = ({ variants }: Pick<Result, 'variants'>): string[] =>
  variants.map(({ name }) => name);
