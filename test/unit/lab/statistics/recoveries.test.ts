import { expect, test } from 'vitest';
import type { Round } from '#lab/result.ts';
import { recoveriesOver } from '#lab/statistics/recoveries.ts';

/** Rounds in which a variant took so long after each fault; null where it did not recover. */
const roundsOf = (
  name: string,
  ...times: readonly Readonly<Record<string, number | null>>[]
): Round['variants'][number][][] =>
  times.map((each) => [
    {
      name,
      values: {},
      collapsed: false,
      recoveries: Object.entries(each).map(([window, timeMs], index) => ({
        window,
        recovery: { timeMs, watchedMs: 60_000 - index, lostGoodput: 10, metastable: timeMs === null },
      })),
    },
  ]);

const over = (variants: readonly Round['variants'][]) =>
  recoveriesOver(variants.map((variants, seed) => ({ seed, status: 'held' as const, variants })));

test.each<[string, (number | null)[], number | null]>([
  ['an odd number', [5, 1, 3], 3],
  ['an even number: the upper one', [4, 1, 3, 2], 3],
  ['some that never ended', [null, 1, 3], 3],
  ['half that never ended', [1, null, 3, null], null],
])('recoveriesOver takes the median of %s', (_what, times, medianMs) => {
  expect(over(roundsOf('a', ...times.map((timeMs) => ({ 'after x': timeMs }))))).toMatchObject([
    { window: 'after x', variant: 'a', medianMs },
  ]);
});

test('recoveriesOver counts those that recovered and those that were metastable', () => {
  const [found] = over(roundsOf('a', { 'after x': 1 }, { 'after x': null }, { 'after x': 2 }));
  expect(found).toMatchObject({
    recovered: { count: 2, of: 3 },
    metastable: { count: 1, of: 3 },
    lostGoodput: { value: 10, low: 10, high: 10 },
    watchedMs: 60_000,
  });
});

test('recoveriesOver goes by fault, and leaves out rounds in which it did not take', () => {
  const rounds = [...roundsOf('a', { 'after x': 1, 'after y': 2 }, {}), ...roundsOf('b', { 'after x': 3 })];
  expect(over(rounds).map(({ window, variant, recovered: { of } }) => [window, variant, of])).toEqual([
    ['after x', 'a', 1],
    ['after x', 'b', 1],
    ['after y', 'a', 1],
  ]);
});
