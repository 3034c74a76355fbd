import { expect, test } from 'vitest';
import type { Sample } from '#lab/explore/sample.ts';
import { hasOther, judgePoint, randomPoints, shrink } from '#lab/explore/search.ts';
import type { Point } from '#lab/explore/space.ts';

const varied = [
  { range: { from: 0, to: 100, step: 1 }, original: 40 },
  { range: { from: 0.5, to: 2, step: 0.05 }, original: 1 },
  { range: { from: 1, to: 5, step: 1 }, original: undefined },
];

const take = (count: number, seed: number): Point[] => {
  const points: Point[] = [];
  for (const point of randomPoints(varied, seed)) if (points.push(point) === count) break;
  return points;
};

test('randomPoints is the same for a seed, within the ranges, and leaves some numbers as they are', () => {
  const points = take(300, 1);
  expect(take(300, 1)).toEqual(points);
  expect(take(300, 2)).not.toEqual(points);
  for (const [index, { range }] of varied.entries()) {
    const own = points.map((point) => point[index]!);
    expect([Math.min(...own), Math.max(...own)]).toEqual([range.from, range.to]); // the ends are likely
  }
  const unchanged = points.filter(([first]) => first === 40).length;
  expect(unchanged).toBeGreaterThan(100);
  expect(unchanged).toBeLessThan(200);
});

test('randomPoints changes at least one number', () => {
  const same = varied.slice(0, 2);
  let seen = 0;
  for (const point of randomPoints(same, 3)) {
    expect(point).not.toEqual([40, 1]);
    if (++seen === 200) break;
  }
});

test('shrink restores what the failure does not need, and moves the rest to its edge', async () => {
  const tried: Point[] = [];
  const small = await shrink(varied.slice(0, 2), [90, 1.5], async (point) => {
    tried.push(point);
    return point[0]! >= 57;
  });
  expect(small).toEqual([57, 1]);
  expect(tried.length).toBeLessThan(25);
});

test('shrink keeps two changes if the failure needs both', async () => {
  const small = await shrink(varied.slice(0, 2), [90, 2], async ([a, b]) => a! >= 50 && b! >= 1.2);
  expect(small).toEqual([50, 1.2]);
});

test('shrink moves downward, too, and keeps a number that the file does not have', async () => {
  const small = await shrink(varied, [3, 1, 4], async ([a, , c]) => a! <= 12 && c === 4);
  expect(small).toEqual([12, 1, 4]);
});

test('hasOther is false for a range whose only value is that of the file', () => {
  const range = { from: 3, to: 4, step: 2 };
  expect(hasOther({ range, original: 3 })).toBe(false);
  expect(hasOther({ range, original: 4 })).toBe(true);
  expect(hasOther({ range: { ...range, to: 5 }, original: 3 })).toBe(true);
});

test.each<[string, (boolean | null | 'problem')[], string, number, number]>([
  ['holds, after two of five seeds', [true, true, false, false, false], 'held', 0, 2],
  ['fails for all seeds but the first', [true, false, false, false, false], 'failed', 4, 5],
  ['fails for fewer seeds', [false, true, true, false, false], 'failed', 3, 5],
  ['holds but for a seed without a verdict', [true, 'problem', true, true, true], 'invalid', 0, 5],
  ['may fail for the seeds without a verdict', [false, 'problem', false, null, true], 'invalid', 2, 5],
  ['fails, whatever the seed without a verdict says', [false, false, false, null, false], 'failed', 4, 5],
  ['has no verdict', ['problem', 'problem', 'problem', 'problem', 'problem'], 'invalid', 0, 5],
])('judgePoint tells a hypothesis that %s', async (_, verdicts, outcome, failed, of) => {
  let simulated = 0;
  const explorer = {
    async sample(_point: Point, seed: number) {
      simulated += 1;
      const verdict = verdicts[seed - 1];
      if (verdict === 'problem')
        return { problem: 'unsent', hypotheses: [{ ok: null }] } as unknown as Sample;
      return { hypotheses: [{ ok: verdict }] } as unknown as Sample;
    },
  };
  const judged = await judgePoint(explorer, [7], { seeds: [1, 2, 3, 4, 5], failing: 4, first: 2 });
  expect(judged).toMatchObject({ point: [7], outcome, failures: [failed] });
  expect(simulated).toBe(of);
});
