import { expect, test } from 'vitest';
import { bootstrapDifference } from '#lab/analysis/statistics/bootstrap.ts';
import { pairedDifference } from '#lab/analysis/statistics/paired.ts';

const before = new Map([10, 20, 30, 40, 50].map((value, seed) => [seed, value]));
const after = new Map([12, 21, 32, 41, 52].map((value, seed) => [seed, value]));

test('pairedDifference sees past what the seeds have in common', () => {
  const { value, low, high } = pairedDifference(after, before)!;
  expect(value).toBeCloseTo(1.6);
  expect([low, high]).toEqual([1, 2]);
  expect(bootstrapDifference([...after.values()], [...before.values()]).low).toBeLessThan(0);
});

test('pairedDifference pairs by seed, whatever the order, and leaves out seeds that one side has not', () => {
  const some = new Map([
    [4, 53],
    [9, 1000],
    [1, 23],
  ]);
  expect(pairedDifference(some, before)).toEqual({ value: 3, low: 3, high: 3 });
});

test('pairedDifference is null where a seed has no value: the rest would be the lucky ones', () => {
  expect(pairedDifference(new Map([...after, [2, null]]), before)).toBeNull();
});

test('pairedDifference of nothing in common is null', () => {
  expect(pairedDifference(new Map([[9, 1]]), before)).toBeNull();
});
