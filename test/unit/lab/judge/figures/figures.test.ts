import { expect, test } from 'vitest';
import { parseMetrics, total } from '#lab/evidence/samples.ts';
import { bucketsOf, percentiles, percentilesOf, quantile } from '#lab/judge/figures/figures.ts';

const scrape = (counts: Readonly<Record<string, number>>, sum: number) => {
  const buckets = Object.entries(counts).map(([le, count]) => `h_bucket{le="${le}"} ${count}`);
  return parseMetrics([...buckets, `h_sum ${sum}`, 'other_bucket{le="1"} 9'].join('\n'));
};

test('bucketsOf reads a histogram among other series', () => {
  const samples = scrape({ '0.1': 1, '0.2': 4, '+Inf': 4 }, 0.6);
  const bounds = [0.1, 0.2, Number.POSITIVE_INFINITY];
  expect(bucketsOf(samples, 'h')).toEqual({ bounds, counts: [1, 4, 4], sum: 0.6 });
});

test('bucketsOf is undefined when nothing was seen', () => {
  expect(bucketsOf(scrape({ '0.1': 0, '+Inf': 0 }, 0), 'h')).toBeUndefined();
});

test.each([
  ['the middle of the first bucket', 0.25, 0.05],
  ['the end of the first bucket', 0.5, 0.1],
  ['within the second', 0.75, 0.15],
  ['its end', 1, 0.2],
])('quantile interpolates: %s', (_, q, expected) => {
  const buckets = { bounds: [0.1, 0.2, Number.POSITIVE_INFINITY], counts: [2, 4, 4], sum: 0.4 };
  expect(quantile(buckets, q)).toBeCloseTo(expected);
});

test('quantile knows no more than the last bound', () => {
  expect(quantile({ bounds: [0.1, Number.POSITIVE_INFINITY], counts: [0, 1], sum: 9 }, 0.99)).toBe(0.1);
});

test('percentilesOf keeps each percentile within what the mean allows', () => {
  const buckets = { bounds: [0.001, Infinity], counts: [1000, 1000] };
  expect(percentilesOf({ ...buckets, sum: 1e-9 })).toMatchObject({ meanMs: 0, p50Ms: 0, p99Ms: 0, maxMs: 0 });
  const { p50Ms, p99Ms } = percentilesOf({ ...buckets, sum: 0.1 });
  expect([p50Ms, p99Ms]).toEqual([expect.closeTo(0.2), expect.closeTo(0.99)]);
});

test('percentilesOf turns seconds into milliseconds', () => {
  const buckets = { bounds: [0.1, Number.POSITIVE_INFINITY], counts: [4, 4], sum: 0.2 };
  expect(percentilesOf(buckets)).toMatchObject({ count: 4, meanMs: 50, p50Ms: 50, maxMs: 100 });
});

test('total sums the series of a metric, narrowed by a label', () => {
  const samples = parseMetrics('# HELP a b\na{x="1"} 2\na{x="2"} 3\nab 10\nb 1\n');
  expect(total(samples, 'a')).toBe(5);
  expect(total(samples, 'a', 'x="2"')).toBe(3);
  expect(total(samples, 'c')).toBe(0);
});

test('percentiles are values that occurred, by nearest rank', () => {
  const rising = Float64Array.from({ length: 1000 }, (_, i) => i + 1);
  expect(percentiles(rising)).toEqual({
    count: 1000,
    meanMs: 500.5,
    p50Ms: 500,
    p90Ms: 900,
    p95Ms: 950,
    p99Ms: 990,
    p999Ms: 999,
    maxMs: 1000,
  });
});

test('percentiles of one value are that value, and of none are null', () => {
  expect(percentiles(Float64Array.of(7))).toMatchObject({ p50Ms: 7, p999Ms: 7, maxMs: 7 });
  expect(percentiles(new Float64Array())).toBeNull();
});
