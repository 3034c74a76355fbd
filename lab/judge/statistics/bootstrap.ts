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

/** Values for few degrees of freedom, for which the approximation is inaccurate. */
const t95Of: Readonly<Record<number, number>> = { 1: 12.7062, 2: 4.3027, 3: 3.1824 };

/** Returns the two-sided 95 % point of Student's t, accurate to 1 % (Wallace 1959). */
export const t95 = (freedom: number): number =>
  t95Of[freedom] ??
  Math.sqrt(freedom * Math.expm1((z95 ** 2 / freedom) * ((8 * freedom + 3) / (8 * freedom + 1)) ** 2));

/** Value with its 95 % confidence interval. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Returns the mean of at least one value. */
export const meanOf = (values: readonly number[]): number => sumOf(values) / values.length;

const sumOf = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);

const resamples = 5000;

/**
 * Estimates the mean over at least one run. Counts have at least the interval of a Poisson count, even if they are the
 * same in all runs; `event` is then the value of one event.
 */
export const bootstrapMean = (values: readonly number[], event = 0): Estimate =>
  widened(bootstrap(values), poisson(sumOf(values) / event), event / values.length);

/** Estimates a Poisson count (Garwood 1936, by Byar's approximation). Even after a count of 0 it may be 3.7. */
function poisson(count: number): Estimate {
  const bound = (k: number, z: number) => k * (1 - 1 / (9 * k) + z / (3 * Math.sqrt(k))) ** 3;
  return { value: count, low: count > 0 ? bound(count, -z95) : 0, high: bound(count + 1, z95) };
}

const widened = (of: Estimate, { low, high }: Estimate, each: number): Estimate =>
  each > 0 ? { ...of, low: Math.min(of.low, each * low), high: Math.max(of.high, each * high) } : of;

/**
 * Estimates the mean by the percentile bootstrap (Efron and Tibshirani 1993, ch. 13). Widens the interval for few runs
 * as Student's t does (Hesterberg 2015, "What Teachers Should Know About the Bootstrap", expanded percentile interval).
 * With fewer than 5 runs, the percentiles lie outside of all resamples, so the interval is Student's. The same values
 * always have the same bounds. With one run the bounds are NaN.
 */
function bootstrap(values: readonly number[]): Estimate {
  const { length } = values;
  const value = meanOf(values);
  if (length < 2) return { value, low: Number.NaN, high: Number.NaN };
  if (values.every((each) => each === values[0])) return { value, low: value, high: value };
  const deviations = Math.sqrt(length / (length - 1)) * t95(length - 1);
  const rank = Math.floor(normalCdf(-deviations) * resamples);
  if (rank < 1) {
    // The variance of the means of resamples needs no resampling.
    const half = deviations * Math.sqrt(meanOf(values.map((each) => (each - value) ** 2)) / length);
    return { value, low: value - half, high: value + half };
  }
  const draws = firstDraws(resamples * length);
  const found = new Float64Array(resamples);
  for (let i = 0; i < resamples; i++) {
    let sum = 0;
    for (let k = 0; k < length; k++) sum += values[Math.floor(draws[i * length + k]! * length)]!;
    found[i] = sum / length;
  }
  found.sort();
  return { value, low: found[rank]!, high: found[resamples - 1 - rank]! };
}

let known = new Float64Array();

/** Returns the same random numbers each time. Stores them, since drawing takes most of the time. */
function firstDraws(count: number): Float64Array {
  if (known.length < count) {
    const random = stream(0, 'bootstrap');
    known = Float64Array.from({ length: count }, random);
  }
  return known;
}

/** Values of runs by seed; null for a run without a measurement. */
export type BySeed = ReadonlyMap<number, number | null>;

/**
 * Estimates the mean difference over the seeds that both sides have, since equal seeds have equal draws. Null if a run
 * has no value: the mean over only those rounds in which something completed would be biased. Of counts, the events
 * that only one side has count as independent.
 */
export function pairedDifference(after: BySeed, before: BySeed, event = 0): Estimate | null {
  const seeds = [...after.keys()].filter((seed) => before.has(seed));
  const differences = seeds.map((seed) => (after.get(seed) ?? Number.NaN) - (before.get(seed) ?? Number.NaN));
  if (seeds.length === 0 || differences.some(Number.isNaN)) return null;
  const sumAbove = (sign: number) => sumOf(differences.map((each) => Math.max(0, sign * each)));
  const events = apart(poisson(sumAbove(1) / event), poisson(sumAbove(-1) / event));
  return widened(bootstrap(differences), events, event / seeds.length);
}

/** Estimates the probability of something that was so `count` times `of` at least one (Wilson 1927). */
export function wilson(count: number, of: number): Estimate {
  const p = count / of;
  const z2 = z95 ** 2;
  const centre = (p + z2 / (2 * of)) / (1 + z2 / of);
  const half = (z95 / (1 + z2 / of)) * Math.sqrt((p * (1 - p)) / of + z2 / (4 * of * of));
  return { value: p, low: count === 0 ? 0 : centre - half, high: count === of ? 1 : centre + half };
}

/** Estimates the probability of `isSo` by at least one item. */
export const tallyOf = <T>(all: readonly T[], isSo: (each: T) => boolean): Estimate =>
  wilson(all.filter(isSo).length, all.length);

/** Estimates the difference of two estimates, e.g. of probabilities, from their intervals (Newcombe 1998, method 10). */
export function apart(a: Estimate, b: Estimate): Estimate {
  const value = a.value - b.value;
  return {
    value,
    low: value - Math.hypot(a.value - a.low, b.high - b.value),
    high: value + Math.hypot(a.high - a.value, b.value - b.low),
  };
}
