import type { MetricName } from '#kit/metrics.ts';

/** Counters that Node or its client library defines. */
type NodeCounter = 'process_cpu_seconds_total' | `nodejs_gc_duration_seconds_${'sum' | 'count'}`;

/**
 * Returns the query for the rate of a counter, summed by labels. Without labels, the sum is one series. `selector` is
 * like `job="gateway"`.
 */
export const rate = (metric: MetricName | NodeCounter, by: string, selector = ''): string =>
  `sum by (${by}) (rate(${metric}${braced(selector)}[$__rate_interval]))`;

/** Age of a series' last sample after which Prometheus no longer repeats the sample. */
const lookback = '5m';

/**
 * Returns the query for the increase of a counter since the previous step, summed by labels. A new counter started at
 * 0. A counter that fell started at 0 again. In a sum over steps, each increase counts exactly once. A rate is
 * unsuitable, since its window reaches back into the time of the previous variant.
 *
 * Increases after the last scrape of a process are unknown. After 5 min without a scrape, the whole value of the
 * counter counts as an increase.
 */
export function growth(counter: MetricName | `${MetricName}_bucket`, by: string, selector = ''): string {
  const now = `${counter}${braced(selector)}`;
  // Uses the last sample, since after a failed scrape there is no sample at the previous step.
  const before = `last_over_time(${now}[${lookback}] offset $__interval)`;
  return `sum by (${by}) (${now} - (${before} <= ${now} or 0 * ${now}))`;
}

/** Returns the query for the rates of a histogram's buckets, by labels. */
export const buckets = (histogram: MetricName, by = '', selector = ''): string =>
  `sum by (${['le', by].filter((label) => label !== '').join(', ')}) ` +
  `(rate(${histogram}_bucket${braced(selector)}[$__rate_interval]))`;

/** Returns the query for a quantile of a histogram, by labels. */
export const quantile = (q: number, histogram: MetricName, by: string, selector = ''): string =>
  `histogram_quantile(${q}, ${buckets(histogram, by, selector)})`;

/** Returns the queries for median and 99th percentile of a histogram, for each value of a label. */
export function quantiles(histogram: MetricName, by = '', selector = ''): Record<string, string> {
  const legend = by && `, {{${by}}}`;
  return {
    [`p50${legend}`]: quantile(0.5, histogram, by, selector),
    [`p99${legend}`]: quantile(0.99, histogram, by, selector),
  };
}

const braced = (selector: string): string => selector && `{${selector}}`;
