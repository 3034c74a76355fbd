import { expect, test } from 'vitest';
import type { Point } from '#lab/explore/space.ts';
import { bestSoFar, describeInterval, type Step, spread, tune } from '#lab/explore/tune.ts';

/** Creates trials that hold where `holds` returns true, with the value of `metric`. Records the tried points. */
function trials(
  holds: (...point: number[]) => boolean,
  metric: (...point: number[]) => number | null = () => null,
) {
  const tried: Point[] = [];
  const steps: Step[] = [];
  return {
    ...{ tried, steps },
    async tryAt(point: Point, step: Step) {
      tried.push(point);
      steps.push(step);
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
  ['holds', [1, 2], [], ''],
  ['fails inside', [1, 3], [2], ', except 2: the hypotheses are not monotone'],
  ['holds beyond', [1, 3, 5], [4], ', and so do some beyond them: the hypotheses are not monotone'],
  [
    'does both',
    [1, 3, 5],
    [4, 2.5, 2],
    ', except 2 and 2.5, and so do some beyond them: the hypotheses are not monotone',
  ],
])('describeInterval names what %s', (_, held, missed, expected) => {
  const trial = (holds: boolean) => (value: number) => ({ point: [value], holds });
  const text = describeInterval([1, 3], [...missed.map(trial(false)), ...held.map(trial(true))]);
  expect(text).toBe(`All tried values from 1 to 3 hold${expected}.`);
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

test('tune says where it tries a value, and about how many trials are left', async () => {
  const { steps, tryAt } = trials((x) => x <= 37);
  await tune([range(0, 100)], undefined, tryAt);
  expect([...new Set(steps.map(({ where }) => where))]).toEqual([
    'over the whole range',
    'between a value that holds and one that fails',
    'beside the ends of the interval',
  ]);
  // Five values, bisected from 25 to 50, and neighbours of which some were tried before.
  expect(steps.map(({ left }, index) => steps.length - index - left)).toSatisfy((errors: number[]) =>
    errors.every((error) => Math.abs(error) <= 8),
  );
  expect(steps.at(-1)!.left).toBeLessThanOrEqual(2);
  const several = trials(
    () => true,
    (x) => x,
  );
  await tune([range(0, 100), range(0, 80)], 'minimize', several.tryAt);
  expect(several.steps[0]).toEqual({ where: 'on a coarse grid', left: 64 + 2 * 2 * 4 });
});

test.each([
  [
    'the largest value, if the lower end holds',
    'undefined',
    { 0: true, 25: true, 50: false, 100: false },
    25,
  ],
  [
    'the smallest value, if the upper end holds',
    'undefined',
    { 0: false, 50: true, 75: true, 100: true },
    50,
  ],
  ['a value of the longest run', 'undefined', { 0: true, 10: false, 25: true, 30: true, 50: false }, 30],
  ['the least metric', 'minimize', { 0: false, 25: true, 50: true }, 25],
  ['the greatest metric', 'maximize', { 0: true, 25: true, 50: false }, 25],
  ['none, if nothing holds', 'minimize', { 0: false }, undefined],
  ['none of no trial', 'undefined', {}, undefined],
])('bestSoFar chooses %s', (_, aim, tried, value) => {
  const all = Object.entries(tried).map(([at, holds]) => ({
    ...{ point: [Number(at)], holds, held: holds ? 20 : 0, of: 20, metric: Number(at) },
  }));
  const best = bestSoFar(
    [range(0, 100)],
    aim === 'undefined' ? undefined : (aim as 'minimize'),
    all.toReversed(),
  );
  expect(best?.point[0]).toBe(value);
});

test('spread has both ends, and each index once', () => {
  expect(spread(100, 5)).toEqual([0, 25, 50, 75, 100]);
  expect(spread(2, 5)).toEqual([0, 1, 2]);
});
