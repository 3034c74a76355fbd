import { expect, test } from 'vitest';
import { isUnread } from '#lab/cli/interrupt.ts';

test.each([
  ['EPIPE', true],
  ['ENOSPC', false],
])('isUnread of %s is %s', (code, unread) => {
  expect(isUnread(Object.assign(new Error('write'), { code }))).toBe(unread);
});

test('isUnread is false of an error without a code', () => {
  expect(isUnread(new Error('write'))).toBe(false);
});
