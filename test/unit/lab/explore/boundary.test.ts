import { expect, test } from 'vitest';
import { crossingsOf, crossingValues, nearestToBoundary, segmentsOf } from '#lab/explore/boundary.ts';
import { sweepOf } from '#test/fixtures/sweep.ts';

test('crossingsOf interpolates between neighbours on both sides of 0.5', () => {
  expect(crossingsOf([0, 0.2, 0.8, 1], [4])).toEqual([[1.5]]);
  expect(crossingsOf([0, 1, 0], [3])).toEqual([[0.5], [1.5]]);
  expect(crossingsOf([0, 0, 0, 1], [2, 2])).toEqual([
    [0.5, 1],
    [1, 0.5],
  ]);
});

test('crossingsOf counts 0.5 as above, and finds nothing beside an unknown value', () => {
  expect(crossingsOf([0, 0.5], [2])).toEqual([[1]]);
  expect(crossingsOf([0, null, 1], [3])).toEqual([]);
  expect(crossingsOf([0.5, 1], [2])).toEqual([]);
});

test('crossingValues interpolates between the values of a path', () => {
  expect(crossingValues([0, 0, 1], [1, 2, 4])).toEqual([3]);
  expect(crossingValues([0, 0.25, 0.75], [1, 2, 3])).toEqual([2.5]);
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

test('nearestToBoundary prefers the points around a crossing', () => {
  const sweep = sweepOf({ load: [1, 2, 3, 4, 5] }, ([load]) => ({ metastable: load! >= 4 ? 1 : 0 }));
  expect(nearestToBoundary(sweep, 2).map(({ values }) => values)).toEqual([[3], [4]]);
});

test('nearestToBoundary without a boundary prefers the least certain outcome', () => {
  const sweep = sweepOf({ load: [1, 2, 3] }, ([load]) => ({ metastable: load === 2 ? 0.3 : 0.1 }));
  expect(nearestToBoundary(sweep, 1).map(({ values }) => values)).toEqual([[2]]);
});
