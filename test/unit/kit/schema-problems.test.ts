import { expect, test } from 'vitest';
import { refuse, within } from '#kit/schema.ts';

test('refuse throws all problems, and nothing where there are none', () => {
  expect(() => refuse([])).not.toThrow();
  expect(() => refuse([{ pointer: '/ms', message: 'expected less' }])).toThrow('/ms: expected less');
});

test('within gives the problems of a part their places in the whole, and leaves what else they say', () => {
  const problems = [
    { pointer: '', message: 'expected more' },
    { pointer: '/ms', header: 'x-ms', message: 'expected less' },
  ];
  expect(within('/phases/0', problems)).toEqual([
    { pointer: '/phases/0', message: 'expected more' },
    { pointer: '/phases/0/ms', header: 'x-ms', message: 'expected less' },
  ]);
});
