import { expect, test } from 'vitest';
import { tallyOf } from '#lab/judge/statistics/bootstrap.ts';
import { medianOf, type RecoveryOver, recoveriesOver } from '#lab/judge/statistics/recoveries.ts';
import type { Recovery, Round } from '#lab/result/result.ts';
import { recovered } from '#test/fixtures/measured.ts';

const never = tallyOf([false], (isSo) => isSo);

/** Returns rounds with these recovery times in ms, by fault. `5+` means at least 5 ms, since it had not recovered. */
const roundsOf = (
  name: string,
  ...times: readonly Readonly<Record<string, number | string>>[]
): Round['variants'][number][][] =>
  times.map((each) => [
    {
      name,
      values: {},
      collapsed: false,
      recoveries: Object.entries(each).map(([window, time]) => {
        const timeMs = typeof time === 'number' ? time : null;
        const atLeastMs = Number.parseInt(String(time), 10);
        return { window, recovery: { ...recovered, timeMs, atLeastMs, metastable: timeMs === null } };
      }),
    },
  ]);

const over = (variants: readonly Round['variants'][]) =>
  recoveriesOver(variants.map((variants, seed) => ({ seed, status: 'held' as const, variants })));

test('recoveriesOver counts those that recovered and those that were metastable', () => {
  const [found] = over(roundsOf('a', { 'after x': 1 }, { 'after x': '9+' }, { 'after x': 2 }));
  expect(found).toMatchObject({
    recovered: { count: 2, of: 3 },
    metastable: { count: 1, of: 3 },
    time: { medianMs: 2, atLeastMs: 2 },
    drain: null,
  });
});

test('recoveriesOver knows of the goodput lost only the least where a round did not recover', () => {
  const lost = (...times: (number | string)[]) =>
    over(roundsOf('a', ...times.map((time) => ({ 'after x': time }))))[0]?.lostGoodput;
  expect(lost(1, 2, 3)).toEqual({ value: 10, low: 10, high: 10, isAtLeast: false });
  expect(lost(1, '9+', 3)).toEqual({ value: 10, low: 10, high: Number.POSITIVE_INFINITY, isAtLeast: true });
});

test('recoveriesOver leaves out runs where metastability is unknown', () => {
  const [one, other] = roundsOf('a', { 'after x': '9+' }, { 'after x': '2+' });
  const unreported = other!.map((variant) => ({
    ...variant,
    recoveries: variant.recoveries.map(({ window, recovery }) => ({
      window,
      recovery: { ...recovery, metastable: null },
    })),
  }));
  expect(over([one!, unreported])).toMatchObject([{ metastable: { count: 1, of: 1 } }]);
  expect(over([unreported])).toMatchObject([{ metastable: null }]);
});

test('recoveriesOver takes the median time to drain the backlog over the rounds with one', () => {
  const drained = (...times: (number | null | undefined)[]) =>
    over(
      times.map((drainMs) => {
        const own = drainMs === undefined ? recovered : { ...recovered, drainMs };
        return [
          { name: 'a', values: {}, collapsed: false, recoveries: [{ window: 'after x', recovery: own }] },
        ];
      }),
    )[0]?.drain;
  expect(drained(3, 1, undefined, 2)).toMatchObject({ medianMs: 2, atLeastMs: 2 });
  expect(drained(3, null, null)).toMatchObject({ medianMs: null, atLeastMs: 60_000 });
  expect(drained(undefined, undefined)).toBeNull();
});

const unwatched = { timeMs: null, watchedMs: 8000, lostGoodput: 10, metastable: null };

test.each<[string, Recovery, RecoveryOver['recovered']]>([
  ['leaves out recoveries observed too briefly', { ...unwatched, atLeastMs: 500, reported: false }, null],
  ['counts what was watched, if metastable or not', { ...unwatched, atLeastMs: 500, reported: true }, never],
])('recoveriesOver %s', (_what, recovery, recovered) => {
  const recoveries = [{ window: 'after x', recovery }];
  const [found] = over([[{ name: 'a', values: {}, collapsed: false, recoveries }]]);
  expect(found?.recovered).toEqual(recovered);
});

test('recoveriesOver goes by fault, and leaves out rounds in which it never became active', () => {
  const rounds = [...roundsOf('a', { 'after x': 1, 'after y': 2 }, {}), ...roundsOf('b', { 'after x': 3 })];
  expect(over(rounds).map(({ window, variant, recovered }) => [window, variant, recovered?.of])).toEqual([
    ['after x', 'a', 1],
    ['after x', 'b', 1],
    ['after y', 'a', 1],
  ]);
});

/** Returns the median of recovery times in ms. `9+` means at least 9 ms, since the variant had not recovered. */
const median = (...times: (number | string)[]) =>
  medianOf(
    times.map((time) => ({
      timeMs: typeof time === 'number' ? time : null,
      atLeastMs: Number.parseInt(String(time), 10),
    })),
  );

test.each<[string, (number | string)[], number | null, number]>([
  ['an odd number', [5, 1, 3], 3, 3],
  ['an even number: the upper one', [4, 1, 3, 2], 3, 3],
  ['some that did not end', ['9+', 1, 3], 3, 3],
  ['half that did not end', [1, '8+', 3, '9+'], null, 8],
  ['one that may have ended sooner than others', ['2+', 1, 3], null, 2],
])('medianOf takes that of %s', (_what, times, medianMs, atLeastMs) => {
  expect(median(...times)).toMatchObject({ medianMs, atLeastMs });
});

const upTo = (count: number) => Array.from({ length: count }, (_, i) => count - i);

// Ranks from statistical tables. The comments have the confidence of the interval.
test.each<[of: number, low: number, high: number]>([
  [5, Number.NaN, Number.NaN], // ranks 1 and 5 have only 93.8 %
  [6, 1, 6], // 96.9 %
  [8, 1, 8], // 99.2 %; ranks 2 and 7 have only 93.0 %
  [9, 2, 8], // 96.1 %
  [10, 2, 9], // 97.9 %
  [20, 6, 15], // 95.9 %
  [100, 40, 61],
])('medianOf %d times lies between the ranks %d and %d', (of, low, high) => {
  expect(median(...upTo(of))).toMatchObject({ low, high });
});

test('medianOf has an interval without an end where that hangs on what was not watched to its end', () => {
  expect(median(1, 2, 3, 4, 5, '6+')).toMatchObject({ medianMs: 4, low: 1, high: Number.POSITIVE_INFINITY });
  expect(median('0+', 2, 3, 4, 5, 6)).toMatchObject({ low: 0, high: Number.POSITIVE_INFINITY });
  expect(median(1, 2, 3, 4, 5, 6, 7, 8, '9+')).toMatchObject({ medianMs: 5, low: 2, high: 8 });
});
