import type { MetricName } from '#kit/metrics.ts';

/** Counters that Node or its client library defines. */
type NodeCounter = 'process_cpu_seconds_total' | `nodejs_gc_duration_seconds_${'sum' | 'count'}`;

/**
 * Returns the rate of a counter, summed by labels; without labels, summed into one series. `selector` is as in
 * `job="gateway"`.
 */
export const rate = (metric: MetricName | NodeCounter, by: string, selector = ''): string =>
  `sum by (${by}) (rate(${metric}${braced(selector)}[$__rate_interval]))`;

/** Age at which Prometheus stops repeating the last sample of a series that is no longer scraped. */
const lookback = '5m';

/**
 * Returns the increase of a counter since the previous step, summed by labels. A new counter began at 0; a counter that
 * fell restarted at 0. Summed over steps, each increase counts exactly once. A rate is unsuitable, since its window
 * reaches back into the previous variant.
 *
 * Increases after the last scrape of a process are unknown. After 5 min without a scrape, the whole counter counts as
 * an increase.
 */
export function growth(counter: MetricName | `${MetricName}_bucket`, by: string, selector = ''): string {
  const now = `${counter}${braced(selector)}`;
  // Uses the last sample, since a failed scrape leaves none at the previous step.
  const before = `last_over_time(${now}[${lookback}] offset $__interval)`;
  return `sum by (${by}) (${now} - (${before} <= ${now} or 0 * ${now}))`;
}

/** Rates of a histogram's buckets, by labels. */
export const buckets = (histogram: MetricName, by = '', selector = ''): string =>
  `sum by (${['le', by].filter((label) => label !== '').join(', ')}) ` +
  `(rate(${histogram}_bucket${braced(selector)}[$__rate_interval]))`;

/** Quantile of a histogram, by labels. */
export const quantile = (q: number, histogram: MetricName, by: string, selector = ''): string =>
  `histogram_quantile(${q}, ${buckets(histogram, by, selector)})`;

/** Median and 99th percentile of a histogram, for each value of a label. */
export function quantiles(histogram: MetricName, by = '', selector = ''): Record<string, string> {
  const legend = by && `, {{${by}}}`;
  return {
    [`p50${legend}`]: quantile(0.5, histogram, by, selector),
    [`p99${legend}`]: quantile(0.99, histogram, by, selector),
  };
}

const braced = (selector: string): string => selector && `{${selector}}`;
