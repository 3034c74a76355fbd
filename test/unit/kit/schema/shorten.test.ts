import { expect, test, vi } from 'vitest';
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

test.each([
  ['a long text', 'ab'.repeat(5000)],
  ['a long name', { ['ab'.repeat(5000)]: 1 }],
  ['a long list', Array.from({ length: 5000 }, (_, index) => index)],
  ['many fields', Object.fromEntries(Array.from({ length: 5000 }, (_, index) => [`k${index}`, index]))],
  ['lists in lists', JSON.parse('['.repeat(99) + ']'.repeat(99))],
  ['empty lists', Array.from({ length: 5000 }, () => [])],
])('shorten serialises no more of %s than it shows', (_what, value) => {
  const beginning = JSON.stringify(value).slice(0, 57);
  const stringify = vi.spyOn(JSON, 'stringify');
  try {
    expect(shorten(value)).toBe(`${beginning}…`);
    const lengths = stringify.mock.results.map((result) => String(result.value).length);
    expect(Math.max(...lengths)).toBeLessThan(1000);
  } finally {
    stringify.mockRestore();
  }
});
