import { expect, test } from 'vitest';
import { rowsOf } from '#lab/play/page/picture/dots.ts';
import { levelOf, pitchFor, worthOf } from '#lab/play/page/picture/pile.ts';

const area = (count: number) => ({ width: 590, height: 300, count });

test('pitchFor shrinks at once for the fuller area, and grows only with room to spare', () => {
  const wide = pitchFor([area(10), area(10)]);
  expect(wide).toBe(20);
  const small = pitchFor([area(10), area(2000)], wide);
  expect(Math.floor(590 / small) * Math.floor(300 / small)).toBeGreaterThanOrEqual(2000);
  expect(pitchFor([area(1990), area(10)], small)).toBe(small);
  expect(pitchFor([area(10), area(10)], small)).toBe(20);
});

test('worthOf makes a dot ten calls above a limit', () => {
  expect([4000, 4001, 50_000].map((count) => worthOf([3, count], 4000))).toEqual([1, 10, 100]);
});

test('levelOf sinks as the zoom grows', () => {
  expect(levelOf(58, 590, 10)).toBeLessThan(levelOf(58, 590, 20));
});

test('rowsOf fills the rest of a row, whole rows, and the start of a row', () => {
  expect(rowsOf(3, 27, 5)).toEqual([
    [3, 0, 2, 1],
    [0, 1, 5, 4],
    [0, 5, 2, 1],
  ]);
  expect(rowsOf(1, 3, 5)).toEqual([[1, 0, 2, 1]]);
});
