import { expect, test } from 'vitest';
import { isAhead, isLonger, leadersOf, trailersOf } from '#lab/report/conclusion/difference.ts';
import type { VariantResult } from '#lab/result/result.ts';
import { measured } from '#test/fixtures/measured.ts';

const variant = (goodput: number, offered = 2000): VariantResult => ({ ...measured, goodput, offered });

test.each([
  // With 100,000 requests, a difference of 0.05 is enough.
  [0.75, 0.7, 100_000, true],
  [0.7, 0.651, 100_000, false],
  // With 100 requests and a goodput near 0.5, the difference must exceed two standard errors, 0.14.
  [0.57, 0.43, 100, true],
  [0.56, 0.43, 100, false],
  // With 10 requests, 9 and 10 good requests don't differ enough.
  [1, 0.9, 10, false],
  [1, 0.5, 10, true],
])('isAhead of %f against %f of %i requests each is %s', (a, b, offered, ahead) => {
  expect(isAhead(variant(a, offered), variant(b, offered))).toBe(ahead);
  expect(isAhead(variant(b, offered), variant(a, offered))).toBe(false);
});

test.each([
  // All rounds agree, so the interval of the difference is narrow.
  [[0.6, 0.6, 0.6], [0.5, 0.5, 0.5], true],
  // The same means, but the rounds contradict each other.
  [[0.9, 0.1, 0.8], [0.1, 0.9, 0.5], false],
  // Seed by seed the difference is the same, although the rounds differ.
  [[0.9, 0.5, 0.1], [0.8, 0.4, 0], true],
  // The difference is certain, but too small to matter.
  [[0.54, 0.54, 0.54], [0.5, 0.5, 0.5], false],
])('isAhead over rounds with goodputs %j against %j is %s', (a, b, ahead) => {
  const over = (goodputs: number[]) => ({
    ...variant(goodputs.reduce((sum, each) => sum + each) / goodputs.length, 100_000),
    goodputs: goodputs.map((goodput, i) => ({ seed: 7 + i, goodput })),
  });
  expect(isAhead(over(a), over(b))).toBe(ahead);
});

test('leadersOf and trailersOf include ties', () => {
  const [a, b, c, d] = [variant(0.9), variant(0.87), variant(0.5), variant(0.46)];
  const all = [c, a, d, b];
  expect([leadersOf(all), trailersOf(all)]).toEqual([
    [a, b],
    [c, d],
  ]);
  expect([leadersOf([]), trailersOf([])]).toEqual([[], []]);
});

test.each([
  [15, 5, true],
  [14, 5, false],
  [1000, 900, true],
  [1000, 901, false],
])('isLonger of %i ms against %i ms is %s', (a, b, longer) => {
  expect(isLonger(a, b)).toBe(longer);
  expect(isLonger(b, a)).toBe(false);
});
