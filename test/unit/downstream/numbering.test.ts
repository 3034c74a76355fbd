import { expect, test } from 'vitest';
import { Numbering } from '#downstream/numbering.ts';

test('Numbering uses the number that a caller gives', () => {
  const numbering = new Numbering();
  expect([numbering.next('r1', 3), numbering.next('r1', 3)]).toEqual([3, 3]);
});

test('Numbering counts by id where nothing is said', () => {
  const numbering = new Numbering();
  expect(['r1', 'r1', 'r2', 'r1'].map((id) => numbering.next(id, undefined))).toEqual([1, 2, 1, 3]);
});

test('Numbering counts reported attempts, too', () => {
  const numbering = new Numbering();
  for (const id of ['a', 'b', 'a', 'c', 'b']) numbering.next(id, 1);
  expect(Object.fromEntries(numbering.counts())).toEqual({ a: 2, b: 2, c: 1 });
});

test('Numbering forgets all ids beyond its bound, and none up to it', () => {
  const numbering = new Numbering(2);
  const next = (...ids: string[]) => ids.map((id) => numbering.next(id, undefined));
  expect([next('a', 'b', 'a'), numbering.hasForgotten]).toEqual([[1, 1, 2], false]);
  expect([next('c', 'a'), numbering.hasForgotten]).toEqual([[1, 1], true]);
});
