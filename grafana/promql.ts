import type { MetricName } from '#kit/metrics.ts';

/** Returns the query for a counter's rate. Without labels, the sum is one series. `selector` is like `job="gateway"`. */
export const rate = (metric: MetricName | 'process_cpu_seconds_total', by: string, selector = ''): string =>
  `sum by (${by}) (rate(${metric}${braced(selector)}[$__rate_interval]))`;

export function quantile(q: number, histogram: MetricName, by: string, selector = ''): string {
  const labels = by === '' ? 'le' : `le, ${by}`;
  const buckets = `rate(${histogram}_bucket${braced(selector)}[$__rate_interval])`;
  return `histogram_quantile(${q}, sum by (${labels}) (${buckets}))`;
}

/** Returns the queries for median and 99th percentile of a histogram, for each value of a label. */
export function quantiles(histogram: MetricName, by = '', selector = ''): Record<string, string> {
  const legend = by && `, {{${by}}}`;
  return {
    [`p50${legend}`]: quantile(0.5, histogram, by, selector),
    [`p99${legend}`]: quantile(0.99, histogram, by, selector),
  };
}

const braced = (selector: string): string => selector && `{${selector}}`;
