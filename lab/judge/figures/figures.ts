import type { Part, Requests } from '#lab/evidence/requests.ts';
import type { Samples } from '#lab/evidence/samples.ts';
import type { Percentiles } from '#lab/judge/result/result.ts';

/** Counts the requests in a part, and their attempts. By default, the part is the whole load. */
export function countedOf(
  requests: Requests,
  deadlineMs: number,
  deadlinesMs: readonly number[],
  part?: Part,
) {
  const outcomes = requests.count(part);
  const { attempts, reported, unreported } = requests.attemptsIn(part);
  const completedMs = requests.completedMs(part);
  const offered = Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  const goodputAt = (deadlineMs: number) => countUpTo(completedMs, deadlineMs) / Math.max(1, offered);
  return {
    offered,
    outcomes,
    latency: percentiles(completedMs),
    goodputByDeadline: deadlinesMs.map((deadlineMs) => ({ deadlineMs, goodput: goodputAt(deadlineMs) })),
    goodput: goodputAt(deadlineMs),
    unreported,
    attempts: reported > 0 ? attempts : null,
    amplification: reported > 0 ? attempts / reported : null,
  };
}

/** Counts the ascending values that are at most `limit`, by binary search. */
export function countUpTo(rising: ArrayLike<number>, limit: number): number {
  let low = 0;
  let high = rising.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rising[middle]! <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Histogram. `counts[i]` is the number of values up to `bounds[i]`; both ascend. */
export interface Buckets {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
}

/** Returns the histogram of a metric that has no label but `le`; undefined if it is empty. */
export function bucketsOf(samples: Samples, name: string): Buckets | undefined {
  const pattern = new RegExp(`^${name}_bucket\\{.*le="([^"]+)"`);
  const bounds: number[] = [];
  const counts: number[] = [];
  for (const [series, count] of samples) {
    const bound = pattern.exec(series)?.[1];
    if (bound === undefined) continue;
    bounds.push(bound === '+Inf' ? Infinity : Number(bound));
    counts.push(count);
  }
  const sum = samples.get(`${name}_sum`) ?? 0;
  return (counts.at(-1) ?? 0) > 0 ? { bounds, counts, sum } : undefined;
}

/** Returns the quantile `q`, interpolated within a bucket like Prometheus' histogram_quantile. */
export function quantile({ bounds, counts }: Buckets, q: number): number {
  const rank = q * counts.at(-1)!;
  const index = counts.findIndex((count) => count >= rank);
  const low = index === 0 ? 0 : bounds[index - 1]!;
  const high = bounds[index]!;
  // The last bucket has no upper bound, so its lower bound is returned.
  if (!Number.isFinite(high)) return low;
  const below = index === 0 ? 0 : counts[index - 1]!;
  const within = counts[index]! - below;
  return within === 0 ? low : low + ((high - low) * (rank - below)) / within;
}

/**
 * Converts a histogram in seconds to percentiles in ms. The maximum is the highest finite bound of its bucket. No value
 * may be negative, so at most a share 1 − q of the values is above mean ÷ (1 − q). This bounds each percentile: without
 * it, values that are all 0 would be spread over the first bucket. The mean is rounded to 1 ns, since differences of
 * virtual times have rounding errors.
 */
export function percentilesOf(buckets: Buckets): Percentiles {
  const count = buckets.counts.at(-1)!;
  const mean = Math.round((1e9 * buckets.sum) / count) / 1e9;
  const bound = (q: number) => (q < 1 ? mean / (1 - q) : mean * count);
  return percentilesBy(count, mean * 1000, (q) => Math.min(quantile(buckets, q), bound(q)) * 1000);
}

/** Returns exact percentiles of ascending values in ms, by nearest rank; null without values. */
export function percentiles(rising: Float64Array): Percentiles | null {
  const count = rising.length;
  if (count === 0) return null;
  const mean = rising.reduce((a, b) => a + b, 0) / count;
  return percentilesBy(count, mean, (q) => rising[Math.min(count - 1, Math.ceil(q * count) - 1)]!);
}

const percentilesBy = (count: number, meanMs: number, at: (q: number) => number): Percentiles => ({
  count,
  meanMs,
  p50Ms: at(0.5),
  p90Ms: at(0.9),
  p95Ms: at(0.95),
  p99Ms: at(0.99),
  p999Ms: at(0.999),
  maxMs: at(1),
});

export const noPercentiles = percentilesBy(0, 0, () => 0);
