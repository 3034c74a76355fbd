import type { Samples } from '#lab/evidence/samples.ts';
import type { Percentiles } from '#lab/result/percentiles.ts';

/** A histogram: cumulative counts by upper bound, rising. */
export interface Buckets {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  readonly sum: number;
}

/** A histogram without labels of its own; undefined when it saw nothing. */
export function bucketsOf(samples: Samples, name: string): Buckets | undefined {
  const bounds: number[] = [];
  const counts: number[] = [];
  for (const [series, count] of samples) {
    const bound = new RegExp(`^${name}_bucket\\{.*le="([^"]+)"`).exec(series)?.[1];
    if (bound === undefined) continue;
    bounds.push(bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound));
    counts.push(count);
  }
  const sum = samples.get(`${name}_sum`) ?? 0;
  return (counts.at(-1) ?? 0) > 0 ? { bounds, counts, sum } : undefined;
}

/** The value below which the share `q` lies, interpolated within its bucket, as Prometheus' histogram_quantile does. */
export function quantile({ bounds, counts }: Buckets, q: number): number {
  const rank = q * counts.at(-1)!;
  const index = counts.findIndex((count) => count >= rank);
  const low = index === 0 ? 0 : bounds[index - 1]!;
  const high = bounds[index]!;
  // Beyond the last bound nothing more is known.
  if (!Number.isFinite(high)) return low;
  const below = index === 0 ? 0 : counts[index - 1]!;
  const within = counts[index]! - below;
  return within === 0 ? low : low + ((high - low) * (rank - below)) / within;
}

/** A histogram in seconds as percentiles in ms; the maximum is the bound of its bucket. */
export function percentilesOf(buckets: Buckets): Percentiles {
  const ms = (q: number) => quantile(buckets, q) * 1000;
  const count = buckets.counts.at(-1)!;
  return {
    count,
    meanMs: (buckets.sum / count) * 1000,
    p50Ms: ms(0.5),
    p90Ms: ms(0.9),
    p95Ms: ms(0.95),
    p99Ms: ms(0.99),
    p999Ms: ms(0.999),
    maxMs: ms(1),
  };
}
