import { expect, test } from 'vitest';
import { buckets, growth, quantile, quantiles, rate } from '#grafana/promql.ts';

test('rate sums the rates of the selected series of a counter, by labels', () => {
  expect(rate('spillway_retries_total', 'job')).toBe(
    'sum by (job) (rate(spillway_retries_total[$__rate_interval]))',
  );
  expect(rate('spillway_attempts_total', 'job, result', 'job="gateway"')).toBe(
    'sum by (job, result) (rate(spillway_attempts_total{job="gateway"}[$__rate_interval]))',
  );
});

test('buckets keeps the bounds alone, unless it is given a label', () => {
  expect(buckets('spillway_backoff_seconds', '', 'job="gateway"')).toBe(
    'sum by (le) (rate(spillway_backoff_seconds_bucket{job="gateway"}[$__rate_interval]))',
  );
});

test('growth sums the differences of series to their last value before the step, or to 0', () => {
  const now = 'spillway_attempts_total{result="ok"}';
  expect(growth('spillway_attempts_total', 'job', 'result="ok"')).toBe(
    `sum by (job) (${now} - (last_over_time(${now}[5m] offset $__interval) <= ${now} or 0 * ${now}))`,
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

test('quantiles names the label in its legends', () => {
  expect(Object.keys(quantiles('spillway_backoff_seconds', 'job'))).toEqual(['p50, {{job}}', 'p99, {{job}}']);
  expect(quantiles('spillway_request_duration_seconds', '', 'job="gateway"')).toEqual({
    p50: expect.stringMatching(/^histogram_quantile\(0\.5, .*_duration_seconds_bucket\{job="gateway"\}/),
    p99: expect.stringMatching(/^histogram_quantile\(0\.99, .*_duration_seconds_bucket\{job="gateway"\}/),
  });
});
