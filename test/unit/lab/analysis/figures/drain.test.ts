import { expect, test } from 'vitest';
import { drainOf } from '#lab/analysis/figures/drain.ts';

test.each<[string, (number | null)[], number | null | undefined]>([
  ['as soon as no more waits than at most before', [1, 4, 2, 90, 80, 5, 4, 0], 3000],
  ['not while nobody says', [1, 4, 2, 90, null, null, 9, 4], 4000],
  ['at once where nothing has gathered', [1, 4, 2, 3, 2, 9, 9, 9], 0],
  ['never', [1, 4, 2, 90, 80, 70, 60, 50], null],
  ['nobody knows when, where nobody says', [null, null, null, null, null, null, null, null], undefined],
  ['nobody knows when, where nobody says in the end', [1, 4, 2, 90, 80, 70, 60, null], undefined],
  ['nobody knows when, where nobody said before', [null, null, null, 90, 80, 70, 60, 0], undefined],
  ['late, where it had begun to grow before the fault was told of', [1, 4, 90, 90, 80, 70, 60, 4], 4000],
])('a backlog is drained %s', (_when, backlog, drainMs) => {
  const tMs = [0, 4000, 9000, 11_000, 13_000, 15_000, 16_000, 17_000];
  expect(drainOf('backlog', { tMs, backlog }, 10_000, { fromMs: 13_000, untilMs: 18_000 })?.ms).toBe(drainMs);
});

test('a backlog that is gone only after the span proves nothing', () => {
  const series = { tMs: [0, 9000, 12_000, 13_000, 14_000], backlog: [0, 0, 9, 9, 0] };
  expect(drainOf('backlog', series, 10_000, { fromMs: 13_000, untilMs: 14_000 })?.ms).toBeNull();
});

const linear = (from: number, to: number) => (second: number) => from + ((to - from) * second) / 48;

test.each<[boolean, string, (second: number) => number | null]>([
  [true, 'does so slowly', linear(240, 120)],
  [true, 'has only begun to', (second) => (second < 24 ? 240 : linear(360, 120)(second))],
  [true, 'does so since somebody told', (second) => (second < 24 ? null : linear(240, 60)(second))],
  [false, 'stays where it came to in a second', (second) => (second < 1 ? 240 : 120)],
  [false, 'goes up and down', (second) => 120 + 20 * (-1) ** second],
  [false, 'was high but once', (second) => (second === 25 ? 240 : 120)],
  [false, 'got more', linear(120, 240)],
  [false, 'is as it was before', (second) => (second < 47 ? linear(240, 120)(second) : 4)],
  // The means of 24 to 31 s and of 40 to 47 s differ by two standard errors, 20, of the first.
  [false, 'got less by chance', (second) => (second < 40 ? 100 : 80)],
  [true, 'got less by more than that', (second) => (second < 40 ? 100 : 79)],
])('what waits is getting less: %s, where it %s', (isUnderWay, _how, levelAt) => {
  const seconds = Array.from({ length: 48 }, (_, second) => second);
  const series = {
    tMs: [0, 9000, ...seconds.map((second) => 13_000 + second * 1000)],
    backlog: [4, 4, ...seconds.map(levelAt)],
  };
  expect(drainOf('backlog', series, 10_000, { fromMs: 13_000, untilMs: 61_000 })?.isUnderWay).toBe(
    isUnderWay,
  );
});
