import { expect, test } from 'vitest';
import { rotated } from '#lab/runner/interleave.ts';

const names = ['a', 'b', 'c'];

test('turned begins with the next name each turn, and after the last with the first again', () => {
  expect([0, 1, 2, 3].map((turn) => rotated(names, turn).join(''))).toEqual(['abc', 'bca', 'cab', 'abc']);
  expect(rotated([], 5)).toEqual([]);
});
