import { expect, test } from 'vitest';
import { binMsOf } from '#lab/show/section/bins.ts';

const every = (...gaps: number[]) => {
  const tMs = Array.from({ length: 40 }, () => gaps)
    .flat()
    .map((_, i, all) => all.slice(0, i).reduce((a, b) => a + b, 0));
  return [{ series: { tMs } }];
};

test.each([
  ['no bin between two points is empty', every(40, 60), 4000, 120, 100],
  ['many points share a bin', every(10), 19_000, 120, 200],
  ['without points the end decides', [{ series: { tMs: [] } }], 1000, 100, 10],
])('binMsOf: %s', (_sentence, variants, endMs, most, expected) => {
  expect(binMsOf(variants, endMs, most)).toBe(expected);
});
