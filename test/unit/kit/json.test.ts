import { expect, test } from 'vitest';
import { parseJson } from '#kit/json.ts';

test.each([
  ['{"a":1}', { a: 1 }],
  ['null', null],
  ['', undefined],
  ['{', undefined],
])('parseJson of %j is %j', (text, value) => {
  expect(parseJson(text)).toEqual(value);
});
