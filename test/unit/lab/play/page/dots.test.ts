import { expect, test } from 'vitest';
import { levelOf, pitchFor, worthOf } from '#lab/play/page/picture/dots.ts';

const area = (count: number) => ({ width: 590, height: 300, count });

test('pitchFor holds the dots of the fuller area', () => {
  expect(pitchFor([area(10), area(10)])).toBe(20);
  const small = pitchFor([area(10), area(2000)]);
  expect(Math.floor(590 / small) * Math.floor(300 / small)).toBeGreaterThanOrEqual(2000);
});

test('worthOf makes a dot ten calls above a limit', () => {
  expect([4000, 4001, 50_000].map((count) => worthOf([area(3), area(count)], 4000))).toEqual([1, 10, 100]);
});

test('levelOf sinks as the zoom grows', () => {
  expect(levelOf(58, 590, 10)).toBeLessThan(levelOf(58, 590, 20));
});
