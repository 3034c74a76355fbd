import { expect, test } from 'vitest';
import { durations, quantile, rate } from '#grafana/promql.ts';

test('rate sums the growth of a counter by labels, of the series that are selected', () => {
  expect(rate('spillway_retries_total', 'job')).toBe(
    'sum by (job) (rate(spillway_retries_total[$__rate_interval]))',
  );
  expect(rate('spillway_attempts_total', 'job, result', 'job="gateway"')).toBe(
    'sum by (job, result) (rate(spillway_attempts_total{job="gateway"}[$__rate_interval]))',
  );
});

test('quantile keeps the bounds of the buckets, beside the labels', () => {
  expect(quantile(0.5, 'spillway_backoff_seconds', '')).toBe(
    'histogram_quantile(0.5, sum by (le) (rate(spillway_backoff_seconds_bucket[$__rate_interval])))',
  );
  expect(quantile(0.99, 'spillway_backoff_seconds', 'job', 'job="gateway"')).toBe(
    'histogram_quantile(0.99, sum by (le, job) (rate(spillway_backoff_seconds_bucket{job="gateway"}[$__rate_interval])))',
  );
});

test('durations are those of one service', () => {
  expect(Object.keys(durations('gateway'))).toEqual(['p50', 'p99']);
  expect(durations('gateway').p99).toContain('spillway_request_duration_seconds_bucket{job="gateway"}');
});
