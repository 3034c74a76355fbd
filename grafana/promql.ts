import type { MetricName } from '#kit/metrics.ts';

/** The growth per second of a counter, summed by labels or, without any, into one; `selector` as in `job="gateway"`. */
export const rate = (metric: MetricName, by: string, selector = ''): string =>
  `sum by (${by}) (rate(${metric}${braced(selector)}[$__rate_interval]))`;

/** A quantile of a histogram, by labels. */
export const quantile = (q: number, histogram: MetricName, by: string, selector = ''): string =>
  `histogram_quantile(${q}, sum by (${['le', by].filter((label) => label !== '').join(', ')}) ` +
  `(rate(${histogram}_bucket${braced(selector)}[$__rate_interval])))`;

/** The usual quantiles of a service's own requests. */
export function durations(job: string): Record<string, string> {
  const selector = `job="${job}"`;
  return {
    p50: quantile(0.5, 'spillway_request_duration_seconds', '', selector),
    p99: quantile(0.99, 'spillway_request_duration_seconds', '', selector),
  };
}

const braced = (selector: string): string => selector && `{${selector}}`;
