import { expect, test } from 'vitest';
import { limitIn, tooFewFiles } from '#lab/world/process/proc.ts';

test.each([
  [
    'Limit  Soft Limit  Hard Limit  Units\nMax open files            64                   64                   files\n',
    64,
  ],
  ['Max open files            unlimited            unlimited            files\n', Infinity],
  ['', Infinity],
])('limitIn reads %j', (limits, expected) => {
  expect(limitIn(limits)).toBe(expected);
});

test('tooFewFiles names the limit to raise and how much is needed, and is content with as much', () => {
  expect(tooFewFiles(2048, 64)).toMatch(/2148 open files for 2048 connections, got 64: .*ulimit -n 2148/);
  expect(tooFewFiles(2048, 2147)).toBeDefined();
  expect(tooFewFiles(2048, 2148)).toBeUndefined();
  expect(tooFewFiles(2048, Infinity)).toBeUndefined();
});
