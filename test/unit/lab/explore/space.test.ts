import { expect, test } from 'vitest';
import { changesAt, describePoint, gridOf } from '#lab/explore/space.ts';

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

const field = (path: string) => ({
  path,
  original: undefined,
  changes: (value: number) => new Map([[`/${path}`, value]]),
});

test('changesAt and describePoint join the fields of a point', () => {
  const fields = [field('a'), field('b')];
  expect([...changesAt(fields, [1, 2])]).toEqual([
    ['/a', 1],
    ['/b', 2],
  ]);
  expect(describePoint(fields, [1, 2])).toBe('a=1, b=2');
});
