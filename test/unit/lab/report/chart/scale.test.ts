import { expect, test } from 'vitest';
import { linearScale, logScale, logTicks, niceStep } from '#lab/report/chart/scale.ts';

test('logScale puts equal factors at equal distances and stops at its ends', () => {
  const x = logScale(10, 1000);
  expect([1, 10, 100, 1000, 5000, 0].map(x)).toEqual([0, 0, 50, 100, 100, 0]);
});

test('logScale over no span puts everything at its start', () => {
  expect(logScale(5, 5)(5)).toBe(0);
});

test('linearScale begins at 0, and draws nothing when there is nothing', () => {
  expect([0, 1, 4, 9].map(linearScale(4))).toEqual([0, 25, 100, 100]);
  expect(linearScale(0)(3)).toBe(0);
});

test('logTicks are 1, 2 and 5 times powers of ten, all of them within two decades', () => {
  const ticks = logTicks(100, 10_000);
  expect(ticks.map(({ value }) => value)).toEqual([100, 200, 500, 1000, 2000, 5000, 10_000]);
  expect(ticks.filter(({ spare }) => !spare).map(({ value }) => value)).toEqual([100, 1000, 10_000]);
});

test('logTicks over many decades are the powers of ten only', () => {
  expect(logTicks(10, 60_000).map(({ value }) => value)).toEqual([10, 100, 1000, 10_000]);
});

test.each([
  [4.1, 5, 1],
  [1.05, 5, 0.5],
  [12, 5, 5],
  [37, 5, 10],
])('niceStep divides %f into at most %i parts of %f', (max, parts, step) => {
  expect(niceStep(max, parts)).toBeCloseTo(step);
});
