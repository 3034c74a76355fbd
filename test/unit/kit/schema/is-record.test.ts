import { expect, test } from 'vitest';
import { isRecord } from '#kit/schema/is-record.ts';

test('isRecord takes what has fields, and no list, text, number or null', () => {
  expect([{}, { a: 1 }].filter((value) => !isRecord(value))).toEqual([]);
  expect([null, undefined, [], 'a', 1, true].filter(isRecord)).toEqual([]);
});
