import { expect, test } from 'vitest';
import { printable } from '#lab/kit/text/printable.ts';

test.each([
  ['an escape sequence', '\u001b[31mred', '\\u001b[31mred'],
  ['a sequence of one byte', '\u009b31m', '\\u009b31m'],
  ['a backspace and a delete', 'a\b\u007f', 'a\\u0008\\u007f'],
  ['a return to the start of a line', 'Failed\rHeld', 'Failed\\u000dHeld'],
])('legible shows %s', (_, text, shown) => {
  expect(printable(text)).toBe(shown);
});

test('legible leaves lines, tabs and letters of any kind as they are', () => {
  const text = 'a\tb\r\nc\n– ± é 𝄞 \u00a0';
  expect(printable(text)).toBe(text);
});

test('legible goes into lists and fields, their names included', () => {
  expect(printable({ 'a\u001b': ['\u001b', 1, null, true, { b: '\u0000' }] })).toEqual({
    'a\\u001b': ['\\u001b', 1, null, true, { b: '\\u0000' }],
  });
});
