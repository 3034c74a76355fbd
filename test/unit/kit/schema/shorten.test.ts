import { expect, test } from 'vitest';
import { shorten } from '#kit/schema/shorten.ts';

test.each([
  ['a text', 'x', '"x"'],
  ['a number', 1.5, '1.5'],
  ['an infinity', Number.POSITIVE_INFINITY, 'Infinity'],
  ['nothing', undefined, 'nothing'],
  ['null', null, 'null'],
  ['a list', [1, { a: [true] }], '[1,{"a":[true]}]'],
  ['an own field __proto__', JSON.parse('{"__proto__":1}'), '{"__proto__":1}'],
  ['60 characters', 'x'.repeat(58), `"${'x'.repeat(58)}"`],
  ['61 characters', 'x'.repeat(59), `"${'x'.repeat(56)}…`],
])('shorten shows %s', (_what, value, text) => {
  expect(shorten(value)).toBe(text);
});
