import { expect, test } from 'vitest';
import { turned } from '#lab/runner/interleave.ts';

const names = ['a', 'b', 'c'];

test('turned begins with the next name each turn, and after the last with the first again', () => {
  expect([0, 1, 2, 3].map((turn) => turned(names, turn).join(''))).toEqual(['abc', 'bca', 'cab', 'abc']);
  expect(turned([], 5)).toEqual([]);
});
