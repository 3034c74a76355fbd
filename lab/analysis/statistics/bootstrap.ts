import { stream } from '#kit/random.ts';
import { normalCdf, t95 } from './normal.ts';

/** A value and the bounds between which it lies with 95 % confidence. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

const resamples = 5000;

/** The mean over runs, of at least one. */
export const bootstrapMean = (values: readonly number[]): Estimate => bootstrap([values], ([mean]) => mean!);

/** By how much the mean over some runs exceeds that over others, which have nothing to do with them. */
export const bootstrapDifference = (after: readonly number[], before: readonly number[]): Estimate =>
  bootstrap([after, before], ([a, b]) => a! - b!);

/**
 * What `of` makes of the means of groups of runs, with the percentiles of its bootstrap (Efron and Tibshirani 1993, ch. 13),
 * widened for few runs as Student's t is: Hesterberg 2015, "What Teachers Should Know About the Bootstrap", expanded
 * percentile interval. Fewer than 5 runs have no resample so far out, and get Student's interval itself. The same values
 * get the same bounds. One run says nothing of its spread: NaN.
 */
function bootstrap(
  groups: readonly (readonly number[])[],
  of: (means: readonly number[]) => number,
): Estimate {
  const value = of(groups.map(meanOf));
  const fewest = Math.min(...groups.map(({ length }) => length));
  if (fewest < 2) return { value, low: Number.NaN, high: Number.NaN };
  const random = stream(0, 'bootstrap');
  const drawn = (values: readonly number[]) => {
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += values[Math.floor(random() * values.length)]!;
    return sum / values.length;
  };
  const found = Float64Array.from({ length: resamples }, () => of(groups.map(drawn))).sort();
  const deviations = Math.sqrt(fewest / (fewest - 1)) * t95(fewest - 1);
  const rank = Math.floor(normalCdf(-deviations) * resamples);
  if (rank < 1) {
    const half = deviations * Math.sqrt(meanOf(found.map((each) => (each - value) ** 2)));
    return { value, low: value - half, high: value + half };
  }
  return { value, low: found[rank]!, high: found[resamples - 1 - rank]! };
}

const meanOf = (values: readonly number[] | Float64Array): number => {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
};
