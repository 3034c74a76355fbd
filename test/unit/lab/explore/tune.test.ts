import { expect, test } from 'vitest';
import type { Point } from '#lab/explore/space.ts';
import { spread, tune } from '#lab/explore/tune.ts';

/** Trials that hold where `holds` is true, with a metric. Records the tried points. */
function trials(
  holds: (...point: number[]) => boolean,
  metric: (...point: number[]) => number | null = () => null,
) {
  const tried: Point[] = [];
  return {
    tried,
    async tryAt(point: Point) {
      tried.push(point);
      const isHeld = holds(...point);
      return { point, held: isHeld ? 20 : 0, of: 20, holds: isHeld, metric: metric(...point) };
    },
  };
}

const range = (from: number, to: number, step = 1) => ({ from, to, step });

test.each([
  ['the largest value, if the upper end fails', (x: number) => x <= 37, 37, [0, 37]],
  ['the smallest value, if the lower end fails', (x: number) => x >= 37, 37, [37, 100]],
  ['the largest value of an interval', (x: number) => x >= 24 && x <= 61, 61, [24, 61]],
  ['the end of a range that holds', () => true, 100, [0, 100]],
  ['the only value at the end', (x: number) => x === 0, 0, [0, 0]],
])('tune finds %s', async (_, holds, value, interval) => {
  const { tried, tryAt } = trials(holds);
  const tuned = await tune([range(0, 100)], undefined, tryAt);
  expect(tuned.best?.point).toEqual([value]);
  expect(tuned).toMatchObject({ interval, isBroken: false });
  expect(tried.length).toBeLessThan(22); // 5, twice 5 to bisect, and neighbours
  expect(new Set(tried.map(String)).size).toBe(tried.length);
});

test('tune bisects in steps of the range', async () => {
  const { tryAt } = trials((x) => x <= 0.42);
  const tuned = await tune([range(0, 1, 0.05)], undefined, tryAt);
  expect(tuned.best?.point).toEqual([0.4]);
});

test('tune tries a finer grid before it says that nothing holds', async () => {
  const narrow = trials((x) => x === 6);
  expect((await tune([range(0, 100)], undefined, narrow.tryAt)).best?.point).toEqual([6]);
  const nothing = trials(() => false);
  expect(await tune([range(0, 100)], undefined, nothing.tryAt)).toEqual({ best: undefined, isBroken: false });
  expect(nothing.tried.length).toBeLessThan(30);
});

test('tune reports values that hold beyond the interval', async () => {
  const { tryAt } = trials((x) => x <= 10 || x >= 50);
  const tuned = await tune([range(0, 100)], undefined, tryAt);
  expect(tuned).toMatchObject({ interval: [50, 100], isBroken: true });
});

test.each([
  ['minimize', (x: number) => (x - 33) ** 2, 33],
  ['maximize', (x: number) => x, 61],
] as const)('tune moves to the best value that holds: %s', async (aim, metric, value) => {
  const { tryAt } = trials((x) => x <= 61, metric);
  const tuned = await tune([range(0, 100)], aim, tryAt);
  expect(tuned.best?.point).toEqual([value]);
  expect(tuned.interval).toEqual([0, 61]);
});

test('tune refines a grid over two paths, and stays where it holds', async () => {
  const { tried, tryAt } = trials(
    (x, y) => x! + y! <= 100,
    (x, y) => x! + 2 * y!,
  );
  const tuned = await tune([range(0, 100), range(0, 80)], 'maximize', tryAt);
  expect(tuned.best?.point).toEqual([20, 80]);
  expect(tried.length).toBeLessThan(120);
  const nothing = trials(() => false);
  expect((await tune([range(0, 1), range(0, 1)], 'minimize', nothing.tryAt)).best).toBeUndefined();
});

test('spread has both ends, and each index once', () => {
  expect(spread(100, 5)).toEqual([0, 25, 50, 75, 100]);
  expect(spread(2, 5)).toEqual([0, 1, 2]);
});
