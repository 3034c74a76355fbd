import { expect, test } from 'vitest';
import { busiest, factorFor } from '#lab/conduct/pace.ts';

test.each([
  [[1, 0.5], 1],
  [[1.01, 0], 2],
  [[0.3, 3.3, 1], 4],
  [[50], 8],
])('factorFor costs of %j times their limits is %d', (ratios, factor) => {
  expect(factorFor(ratios)).toBe(factor);
});

test('busiest returns the times of the fullest span, ends included', () => {
  expect(busiest([0, 100, 200, 210, 220, 300], 20)).toEqual([200, 210, 220]);
  expect(busiest([0, 100, 200, 210, 220, 300], 100)).toEqual([200, 210, 220, 300]);
  expect(busiest([], 100)).toEqual([]);
});
