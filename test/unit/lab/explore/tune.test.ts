import { expect, test } from 'vitest';
import type { Point } from '#lab/explore/space.ts';
import { describeRegion, numberLine, spread, tune } from '#lab/explore/tune.ts';

/**
 * Creates trials that hold where `holds` returns true, with fresh seeds where `fresh` does, too, with the value of
 * `metric`. Records the points that were tried with the seeds of the search.
 */
function trials(
  holds: (value: number) => boolean,
  metric: (value: number) => number | null = () => null,
  fresh: (value: number) => boolean = () => true,
) {
  const tried: Point[] = [];
  const confirmed: Point[] = [];
  const places: string[] = [];
  return {
    ...{ tried, confirmed, places },
    async tryAt(point: Point, where: string, isFresh: boolean) {
      (isFresh ? confirmed : tried).push(point);
      if (!isFresh) places.push(where);
      const [value = 0] = point;
      const isHeld = holds(value) && (!isFresh || fresh(value));
      return { point, held: isHeld ? 20 : 0, of: 20, holds: isHeld, metric: metric(value) };
    },
  };
}

const range = (from: number, to: number, step = 1) => ({ from, to, step });

test.each([
  ['the largest value, if the upper end fails', (x: number) => x <= 37, 33, [29, 37]],
  ['the smallest value, if the lower end fails', (x: number) => x >= 37, 43, [37, 49]],
  ['the largest value of an interval', (x: number) => x >= 24 && x <= 61, 57, [53, 61]],
  ['the end of a range that holds', () => true, 100, [90]],
])('tune finds %s, beside which a tenth of the interval holds', async (_, holds, value, neighbours) => {
  const { tried, confirmed, tryAt } = trials(holds);
  const tuned = await tune(range(0, 100), undefined, tryAt);
  expect(tuned).toMatchObject({ best: { point: [value] }, isInside: true });
  expect(confirmed).toEqual([value, ...neighbours].map((each) => [each]));
  expect(tried.length).toBeLessThan(30); // 5, twice 5 to bisect, 7 inside, and neighbours
  expect(new Set(tried.map(String)).size).toBe(tried.length);
});

test('tune steps back in doubled steps until the value and its neighbours hold with fresh seeds', async () => {
  const { confirmed, tryAt } = trials(
    (x) => x <= 37,
    () => null,
    (x) => x <= 31,
  );
  const tuned = await tune(range(0, 100), undefined, tryAt);
  expect(tuned).toMatchObject({ best: { point: [21] }, isInside: true });
  // 4, 8 and 16 values below 37, each with its lower neighbour first
  expect(confirmed.map(([value]) => value)).toEqual([33, 29, 25, 21, 17]);
});

test('tune finds a value without neighbours that hold, and nothing if fresh seeds fail everywhere', async () => {
  const edge = trials((x) => x === 0);
  expect(await tune(range(0, 100), undefined, edge.tryAt)).toMatchObject({
    best: { point: [0] },
    isInside: false,
  });
  const lucky = trials(
    (x) => x <= 37,
    () => null,
    () => false,
  );
  expect(await tune(range(0, 100), undefined, lucky.tryAt)).toBeUndefined();
});

test('tune bisects in steps of the range', async () => {
  const { tryAt } = trials((x) => x <= 0.42);
  const tuned = await tune(range(0, 1, 0.05), undefined, tryAt);
  expect(tuned?.best.point).toEqual([0.35]);
});

test('tune tries a finer grid before it says that nothing holds', async () => {
  const narrow = trials((x) => x === 6);
  expect((await tune(range(0, 100), undefined, narrow.tryAt))?.best.point).toEqual([6]);
  const nothing = trials(() => false);
  expect(await tune(range(0, 100), undefined, nothing.tryAt)).toBeUndefined();
  expect(nothing.tried.length).toBeLessThan(30);
});

test('tune finds a hole, and stays in the widest interval beside it', async () => {
  const { tried, tryAt } = trials((x) => x <= 80 && (x < 36 || x > 40));
  const tuned = await tune(range(0, 100), undefined, tryAt);
  expect(tuned?.best.point).toEqual([76]);
  expect(tried).toContainEqual([40]);
  expect(tried).toContainEqual([41]); // the edge of the hole
});

test.each([
  [
    'the region, its margin and holes',
    [1, 12, 29, 31, 33],
    [32, 35],
    29,
    'All 4 tried values from 1 to 31 hold. The nearest that fails is 32, 3 away. Holes, between values that hold: 32.',
  ],
  [
    'no margin if nothing fails',
    [1, 3],
    [],
    3,
    'All 2 tried values from 1 to 3 hold. None that was tried fails.',
  ],
  [
    'the nearest of both sides',
    [0.2, 0.3],
    [0.1, 0.6],
    0.3,
    'All 2 tried values from 0.2 to 0.3 hold. The nearest that fails is 0.1, 0.2 away.',
  ],
])('describeRegion names %s', (_, held, failed, best, expected) => {
  const trial = (holds: boolean) => (value: number) => ({ point: [value], holds });
  // With fresh seeds a value may fail that held before.
  const all = [...failed.map(trial(true)), ...held.map(trial(true)), ...failed.map(trial(false))];
  expect(describeRegion({ point: [best] }, all)).toBe(expected);
});

test.each([
  ['each value has a place', { from: 1, to: 5, step: 1 }, [2, 3], [4], 3, '1 ·✓●✗· 5'],
  [
    'of values in one place a failing one counts',
    { from: 0, to: 6000, step: 1 },
    [0, 101],
    [100],
    0,
    `0 ●✗${'·'.repeat(59)} 6000`,
  ],
  ['a range of one value', { from: 7, to: 7, step: 1 }, [7], [], 7, '7 ● 7'],
])('numberLine: %s', (_, range, held, failed, best, expected) => {
  const trial = (holds: boolean) => (value: number) => ({ point: [value], holds });
  expect(numberLine(range, { point: [best] }, [...held.map(trial(true)), ...failed.map(trial(false))])).toBe(
    expected,
  );
});

test('tune chooses the best of all values that hold, not one near the middle', async () => {
  const { tryAt } = trials(
    () => true,
    (x) => (x === 100 ? 0 : x === 50 ? 1 : 2),
  );
  expect((await tune(range(0, 100), 'minimize', tryAt))?.best.point).toEqual([100]);
});

test.each([
  ['minimize', (x: number) => (x - 33) ** 2, 33],
  ['maximize', (x: number) => x, 55], // 6 below the last a neighbour that fails
] as const)('tune moves to the best value that holds: %s', async (aim, metric, value) => {
  const { tryAt } = trials((x) => x <= 61, metric);
  const tuned = await tune(range(0, 100), aim, tryAt);
  expect(tuned?.best.point).toEqual([value]);
});

test('tune says where it tries a value', async () => {
  const { places, tryAt } = trials((x) => x <= 37);
  await tune(range(0, 100), undefined, tryAt);
  expect([...new Set(places)]).toEqual([
    'over the whole range',
    'between a value that holds and one that fails',
    'inside the interval and beside its ends',
    'around the best one',
  ]);
});

test('spread has both ends, and each index once', () => {
  expect(spread(100, 5)).toEqual([0, 25, 50, 75, 100]);
  expect(spread(2, 5)).toEqual([0, 1, 2]);
});
