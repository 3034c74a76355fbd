import { expect, test } from 'vitest';
import { changesAt, describePoint, gridOf, withChanges } from '#lab/explore/space.ts';

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

test('withChanges changes a copy, in maps and lists, and creates missing maps', () => {
  const value = { list: [{ a: 1 }, { a: 2 }], map: { b: 3 } };
  const changes = new Map([
    ['/list/1/a', 20],
    ['/map/b', 30],
    ['/new/inner/c', 40],
  ]);
  expect(withChanges(value, changes)).toEqual({
    list: [{ a: 1 }, { a: 20 }],
    map: { b: 30 },
    new: { inner: { c: 40 } },
  });
  expect(value).toEqual({ list: [{ a: 1 }, { a: 2 }], map: { b: 3 } });
});
