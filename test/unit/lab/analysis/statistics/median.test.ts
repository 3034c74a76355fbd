import { expect, test } from 'vitest';
import { medianOf } from '#lab/analysis/statistics/median.ts';

/** A number, or `9+` where it did not end, and was bad until then. */
const over = (...times: (number | string)[]) =>
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
  expect(over(...times)).toMatchObject({ medianMs, atLeastMs });
});

const upTo = (count: number) => Array.from({ length: count }, (_, i) => count - i);

// The ranks as tables have them, with the confidence that they give.
test.each<[of: number, low: number, high: number]>([
  [5, Number.NaN, Number.NaN], // 1 and 5 would be 93.8 %
  [6, 1, 6], // 96.9 %
  [8, 1, 8], // 99.2 %; 2 and 7 would be 93.0 %
  [9, 2, 8], // 96.1 %
  [10, 2, 9], // 97.9 %
  [20, 6, 15], // 95.9 %
  [100, 40, 61],
])('medianOf %d times lies between the ranks %d and %d', (of, low, high) => {
  expect(over(...upTo(of))).toMatchObject({ low, high });
});

test('medianOf has an interval without an end where that hangs on what was not watched to its end', () => {
  expect(over(1, 2, 3, 4, 5, '6+')).toMatchObject({ medianMs: 4, low: 1, high: Number.POSITIVE_INFINITY });
  expect(over('0+', 2, 3, 4, 5, 6)).toMatchObject({ low: 0, high: Number.POSITIVE_INFINITY });
  expect(over(1, 2, 3, 4, 5, 6, 7, 8, '9+')).toMatchObject({ medianMs: 5, low: 2, high: 8 });
});
