import { expect, test } from 'vitest';
import { crossingValues, segmentsOf } from '#lab/explore/boundary.ts';

test('crossingValues interpolates between neighbours on both sides of 0.5, which itself is above', () => {
  expect(crossingValues([0, 0, 1], [1, 2, 4])).toEqual([3]);
  expect(crossingValues([0, 0.25, 0.75], [1, 2, 3])).toEqual([2.5]);
  expect(crossingValues([0, 1, 0], [1, 2, 3])).toEqual([1.5, 2.5]);
  expect(crossingValues([0, 0.5, 1], [1, 2, 3])).toEqual([2]);
  expect(crossingValues([0, null, 1], [1, 2, 3])).toEqual([]);
});

test('segmentsOf draws the boundary through each cell that it crosses', () => {
  // Below the diagonal of a 2 × 3 grid the probability is 1.
  expect(segmentsOf([0, 0, 0, 1, 0, 0], [2, 3])).toEqual([
    [
      [1, 0.5],
      [0.5, 0],
    ],
  ]);
  expect(segmentsOf([0, 0, 1, 1], [2, 2])).toEqual([
    [
      [0.5, 1],
      [0.5, 0],
    ],
  ]);
  expect(segmentsOf([0, 1, 1, 0], [2, 2])).toHaveLength(2);
  expect(segmentsOf([1, 1, 1, 1], [2, 2])).toEqual([]);
});
