import { expect, test } from 'vitest';
import { filler, unknownPlaceholder, variablesIn } from '#load/sending/placeholders.ts';

test('filler replaces ids and variables, but nothing within a value', () => {
  const fill = filler('{id}/{env:A}-{env:B}/{id}', { A: '{id}', B: '$& {env:A}' });
  expect(fill('r7')).toBe('r7/{id}-$& {env:A}/r7');
});

test('variablesIn names each variable of a text', () => {
  expect(variablesIn('{env:A} {id} {env:_b2}{env:}{env:2}')).toEqual(['A', '_b2']);
});

test.each([
  ['{id} {env:TOKEN}', undefined],
  ['{order}', '{order}'],
  ['{id} and {ID}', '{ID}'],
  ['{env:}', '{env:}'],
  ['Bearer {env:TOKEN', '{env:TOKEN'],
  ['{env:TOKEN {id}', '{env:TOKEN'],
  ['{env:', '{env:'],
  ['{env:A-B}', '{env:A-B}'],
  ['{"id":"{id}","n":{"a":1},"e":{}}', undefined],
  ['query { user(id: "{id}") { name } }', undefined],
  ['{0} {}', undefined],
])('unknownPlaceholder of %s is %s', (text, unknown) => {
  expect(unknownPlaceholder(text)).toBe(unknown);
});
