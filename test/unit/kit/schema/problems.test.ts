import { expect, test } from 'vitest';
import { escapePointer, excerpt, InvalidError, segmentsOf, within } from '#kit/schema/problems.ts';

test('segmentsOf takes apart what escapePointer made', () => {
  const names = ['a/b', '~1', '~', '', 'c'];
  expect(segmentsOf(names.map((name) => `/${escapePointer(name)}`).join(''))).toEqual(names);
  expect(segmentsOf('')).toEqual([]);
});

test('within gives the problems of a part their paths in the whole, and leaves the rest', () => {
  const problems = [
    { pointer: '', message: 'expected more' },
    { pointer: '/ms', header: 'x-ms', message: 'expected less' },
  ];
  expect(within('/phases/0', problems)).toEqual([
    { pointer: '/phases/0', message: 'expected more' },
    { pointer: '/phases/0/ms', header: 'x-ms', message: 'expected less' },
  ]);
});

test('excerpt bounds number and texts, and counts the rest', () => {
  const many = Array.from({ length: 30 }, (_, index) => ({ pointer: `/${index}`, message: 'no' }));
  expect(excerpt(many)).toEqual([...many.slice(0, 20), { pointer: '', message: '… and 10 more' }]);
  expect(excerpt(many.slice(0, 20))).toHaveLength(20);
  const controls = '\u0001'.repeat(10_000);
  const [one] = excerpt([{ pointer: `/${controls}`, message: controls }]);
  expect([one?.pointer.length, one?.message.length]).toEqual([200, 600]);
  expect(new InvalidError(many).message).toMatch(/^\/0: no; .*; value: … and 10 more$/);
});
