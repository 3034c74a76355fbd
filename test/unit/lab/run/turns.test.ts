import { expect, test } from 'vitest';
import { inOrderOf, turned } from '#lab/run/turns.ts';

const names = ['a', 'b', 'c'];

test('turned begins with the next name each turn, and after the last with the first again', () => {
  expect([0, 1, 2, 3].map((turn) => turned(names, turn).join(''))).toEqual(['abc', 'bca', 'cab', 'abc']);
  expect(turned([], 5)).toEqual([]);
});

test('inOrderOf names puts what is about them in that order, what was first of one first, and what is about none before', () => {
  const all = ['c1', 'c2', 'none', 'a1', 'b1', 'a2'];
  expect(inOrderOf(names, all, ([name]) => name!)).toEqual(['none', 'a1', 'a2', 'b1', 'c1', 'c2']);
});
