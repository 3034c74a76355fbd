import { stream } from '#kit/random.ts';

/** Two-sided 95 % point of the standard normal distribution. */
const z95 = 1.959964;

/** Returns the cumulative standard normal distribution at z, accurate to 1e-7 (Abramowitz and Stegun, 26.2.17). */
export function normalCdf(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const upper = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return z < 0 ? upper : 1 - upper;
}

/** Values for one and two degrees of freedom, for which the series is inaccurate. */
const t95Of: Readonly<Record<number, number>> = { 1: 12.7062, 2: 4.3027 };

/** Returns the two-sided 95 % point of Student's t, accurate to 1 % (Abramowitz and Stegun, 26.7.5). */
export function t95(freedom: number): number {
  const known = t95Of[freedom];
  if (known !== undefined) return known;
  const z = z95;
  const first = (z ** 3 + z) / (4 * freedom);
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2);
  const third = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * freedom ** 3);
  return z + first + second + third;
}

/** Value with its 95 % confidence interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Returns the mean of at least one value. */
export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const resamples = 5000;

/** Estimates the mean over at least one run. */
export const bootstrapMean = (values: readonly number[]): Estimate => bootstrap([values], ([mean]) => mean!);

/** Estimates the difference between the means of independent runs. */
export const bootstrapDifference = (after: readonly number[], before: readonly number[]): Estimate =>
  bootstrap([after, before], ([a, b]) => a! - b!);

/**
 * Estimates `of`, a function of the means of groups of runs, by the percentile bootstrap (Efron and Tibshirani 1993,
 * ch. 13). Widens the interval for few runs as Student's t does (Hesterberg 2015, "What Teachers Should Know About the
 * Bootstrap", expanded percentile interval). With fewer than 5 runs, the percentiles lie outside of all resamples, so
 * the interval is Student's. The same values always have the same bounds. With one run the bounds are NaN.
 */
function bootstrap(
  groups: readonly (readonly number[])[],
  of: (means: readonly number[]) => number,
): Estimate {
  const value = of(groups.map(meanOf));
  const fewest = Math.min(...groups.map(({ length }) => length));
  if (fewest < 2) return { value, low: Number.NaN, high: Number.NaN };
  const deviations = Math.sqrt(fewest / (fewest - 1)) * t95(fewest - 1);
  const rank = Math.floor(normalCdf(-deviations) * resamples);
  if (rank < 1) {
    const half = deviations * Math.sqrt(groups.reduce((sum, values) => sum + varianceOfMean(values), 0));
    return { value, low: value - half, high: value + half };
  }
  const draws = firstDraws(resamples * groups.reduce((sum, { length }) => sum + length, 0));
  let drawn = 0;
  const meanDrawn = (values: readonly number[]) => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[Math.floor(draws[drawn++]! * values.length)]!;
    return sum / values.length;
  };
  const found = new Float64Array(resamples);
  for (let i = 0; i < resamples; i++) found[i] = of(groups.map(meanDrawn));
  found.sort();
  return { value, low: found[rank]!, high: found[resamples - 1 - rank]! };
}

let known = new Float64Array();

/**
 * Returns at least `count` random numbers, the same ones for every estimate. Stores them, since drawing takes most of
 * the time of an estimate.
 */
function firstDraws(count: number): Float64Array {
  if (known.length < count) {
    const random = stream(0, 'bootstrap');
    known = Float64Array.from({ length: count }, random);
  }
  return known;
}

/** Returns the variance of the means of resamples by formula, without resampling. */
function varianceOfMean(values: readonly number[]): number {
  const mean = meanOf(values);
  return meanOf(values.map((value) => (value - mean) ** 2)) / values.length;
}

/** Values of runs by seed; null for a run without a measurement. */
export type BySeed = ReadonlyMap<number, number | null>;

/**
 * Estimates the mean difference over the seeds that both sides have, since equal seeds have equal draws. Null if a run
 * has no value: the mean over only those rounds in which something completed would be biased.
 */
export function pairedDifference(after: BySeed, before: BySeed): Estimate | null {
  const seeds = [...after.keys()].filter((seed) => before.has(seed));
  const differences = seeds.map((seed) => (after.get(seed) ?? Number.NaN) - (before.get(seed) ?? Number.NaN));
  return seeds.length > 0 && !differences.some(Number.isNaN) ? bootstrapMean(differences) : null;
}

export interface Tally {
  readonly count: number;
  /** At least 1. */
  readonly of: number;
}

/** Estimates the probability behind a tally (Wilson 1927). */
export function wilson({ count, of }: Tally): Estimate {
  const p = count / of;
  const z2 = z95 ** 2;
  const centre = (p + z2 / (2 * of)) / (1 + z2 / of);
  const half = (z95 / (1 + z2 / of)) * Math.sqrt((p * (1 - p)) / of + z2 / (4 * of * of));
  return { value: p, low: count === 0 ? 0 : centre - half, high: count === of ? 1 : centre + half };
}

/** Counts the items for which `isSo` is true, and estimates the probability. Needs at least one item. */
export function tallyOf<T>(all: readonly T[], isSo: (each: T) => boolean): Tally & Estimate {
  const tally = { count: all.filter(isSo).length, of: all.length };
  return { ...tally, ...wilson(tally) };
}

/** Estimates the difference of two estimates, e.g. of probabilities, from their intervals (Newcombe 1998, method 10). */
export function apart(a: Estimate, b: Estimate): Estimate {
  const value = a.value - b.value;
  return {
    value,
    low: value - Math.hypot(a.value - a.low, b.high - b.value),
    high: value + Math.hypot(a.high - a.value, b.value - b.low),
  };
}
