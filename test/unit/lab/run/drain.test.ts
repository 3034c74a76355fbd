import { expect, test } from 'vitest';
import { drainOf } from '#lab/run/drain.ts';

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

test.each<[boolean, string, (number | null)[]]>([
  [true, 'got less by more than three standard errors', [4, 4, 100, 99, 69]],
  [false, 'got less by no more than that', [4, 4, 100, 99, 70]],
  [true, 'got less since somebody told', [4, 4, null, 100, 69]],
  [false, 'is as it was before', [4, 4, 100, 99, 4]],
])('what waits is getting less: %s, where it %s', (isUnderWay, _how, backlog) => {
  const series = { tMs: [0, 9000, 13_000, 15_000, 17_000], backlog };
  expect(drainOf('backlog', series, 10_000, { fromMs: 13_000, untilMs: 18_000 })?.isUnderWay).toBe(
    isUnderWay,
  );
});
