import type { MetricName } from '#kit/metrics.ts';

/** Counters that Node or its client library defines. */
type NodeCounter = 'process_cpu_seconds_total' | `nodejs_gc_duration_seconds_${'sum' | 'count'}`;

/** Rate of a counter, summed by labels, or into one without any; `selector` as in `job="gateway"`. */
export const rate = (metric: MetricName | NodeCounter, by: string, selector = ''): string =>
  `sum by (${by}) (rate(${metric}${braced(selector)}[$__rate_interval]))`;

/** Age at which Prometheus stops repeating the last sample of a series that is no longer scraped. */
const lookback = '5m';

/**
 * Growth of a counter since the step before, summed by labels; a new one began at 0, a smaller one began again at 0.
 * Other than a rate, whose window reaches back into the variant before, its sum over steps has every increase once.
 * Unknown are increases after the last scrape of a process. After 5 min without a scrape it counts the whole counter.
 */
export function growth(counter: MetricName | `${MetricName}_bucket`, by: string, selector = ''): string {
  const now = `${counter}${braced(selector)}`;
  // The last sample, since a failed scrape leaves none at the step before.
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
