import { expect, test } from 'vitest';
import { gridOf } from '#lab/explore/space.ts';

test('gridOf has all combinations, the last field changing fastest', () => {
  expect(
    gridOf([
      [1, 2],
      [3, 4],
    ]),
  ).toEqual([
    [1, 3],
    [1, 4],
    [2, 3],
    [2, 4],
  ]);
  expect(gridOf([])).toEqual([[]]);
});
