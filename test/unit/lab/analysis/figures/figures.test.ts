import { expect, test } from 'vitest';
import { percentiles } from '#lab/analysis/figures/figures.ts';

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
