import { expect, test } from 'vitest';
import { keyOf, named } from '#lab/report/html.ts';
import { makeResult } from '#test/fixtures/result.ts';

const indices = Array.from({ length: 60 }, (_, i) => i);

test('keyOf gives no two variants the same letter, nor the same colour and dash', () => {
  const keys = indices.map(keyOf);
  expect(new Set(keys.map(({ letter }) => letter)).size).toBe(60);
  expect(new Set(keys.map(({ colour, dash }) => `${colour} ${dash}`)).size).toBe(60);
});

test('keyOf goes on after Z with two letters', () => {
  expect([0, 25, 26, 27, 52].map((index) => keyOf(index).letter)).toEqual(['A', 'Z', 'AA', 'AB', 'BA']);
});

test('named takes the letter from the position in the result', () => {
  const result = makeResult();
  expect(named(result, result.variants[2]!).text).toMatch(/>C<\/b><span>rpc-bulkhead-40</);
});
