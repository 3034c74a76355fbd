import { expect, test } from 'vitest';
import { randomPoints, shrink } from '#lab/explore/search.ts';
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
