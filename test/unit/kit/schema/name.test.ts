import { expect, test } from 'vitest';
import { isName } from '#kit/schema/name.ts';

test('isName takes small letters, digits and hyphens, with a letter and up to 40', () => {
  expect(['a', '16-x', 'a--b', 'a'.repeat(40)].filter((text) => !isName(text))).toEqual([]);
  expect(['', '16', '-a', 'A', 'a_b', 'a b', 'a/b', 'é', 'a\n', 'a'.repeat(41)].filter(isName)).toEqual([]);
});
