import { expect, test } from 'vitest';
import { Durations } from '#load/figures/percentiles.ts';

function percentilesOf(values: Iterable<number>) {
  const durations = new Durations();
  for (const ms of values) durations.add(ms);
  return durations.percentiles();
}

test('Durations: percentiles of 0.01 … 100 ms within a thousandth', () => {
  const { count, ...ms } = percentilesOf(Array.from({ length: 10_000 }, (_, i) => (i + 1) / 100));
  expect(count).toBe(10_000);
  const expected = { meanMs: 50.005, p50Ms: 50, p90Ms: 90, p95Ms: 95, p99Ms: 99, p999Ms: 99.9, maxMs: 100 };
  for (const [name, value] of Object.entries(expected)) {
    expect(Math.abs(ms[name as keyof typeof ms] / value - 1), name).toBeLessThan(0.001);
  }
});

test('Durations: microseconds are told apart', () => {
  expect(percentilesOf([0.001, 0.001, 0.002])).toMatchObject({ p50Ms: 0.001, maxMs: 0.002 });
});

test('Durations: beyond a day is a day, below nothing is nothing', () => {
  expect(percentilesOf([1e12]).maxMs).toBeCloseTo(86_400_000, -5);
  expect(percentilesOf([-1]).maxMs).toBe(0);
});

test('Durations: all zero without a value', () => {
  const zero = { count: 0, meanMs: 0, p50Ms: 0, p90Ms: 0, p95Ms: 0, p99Ms: 0, p999Ms: 0, maxMs: 0 };
  expect(percentilesOf([])).toEqual(zero);
});
