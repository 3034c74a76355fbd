import { expect, test } from 'vitest';
import { parser } from '#kit/schema/schema.ts';
import { Seed, seedMax } from '#kit/schema/seed.ts';

const seed = parser(Seed('Decides.'));

test('Seed takes whole numbers from 0 to the largest', () => {
  expect([0, seedMax].map(seed)).toEqual([0, seedMax]);
});

test.each([-1, seedMax + 1, 0.5])('Seed refuses %d', (number) => {
  expect(() => seed(number)).toThrow('expected');
});
