import { expect, test } from 'vitest';
import { escapePointer, segmentsOf } from '#kit/schema/problems.ts';

test('segmentsOf takes apart what escapePointer made', () => {
  const names = ['a/b', '~1', '~', '', 'c'];
  expect(segmentsOf(names.map((name) => `/${escapePointer(name)}`).join(''))).toEqual(names);
  expect(segmentsOf('')).toEqual([]);
});
