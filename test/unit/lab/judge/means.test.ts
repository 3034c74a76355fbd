import { expect, test } from 'vitest';
import { meansOf } from '#lab/judge/means.ts';
import type { VariantResult } from '#lab/judge/result/result.ts';
import { makeResult } from '#test/fixtures/result.ts';

const base = makeResult({ variants: 1 }).variants[0]!;
const means = (...changes: Partial<VariantResult>[]) =>
  meansOf(changes.map((change) => ({ ...base, ...change })));

test('meansOf takes a flag from most rounds, and leaves out a text that is not the same in all', () => {
  const policy = (note: string) => ({ policy: 'budget', position: 0, acted: { refused: 4 }, note });
  const { policies } = means(
    { policies: [policy('no failure')] },
    { policies: [policy('no failure')] },
    { policies: [policy('')] },
  );
  expect(policies).toEqual([policy('')]);
  const saturated = (is: boolean) => ({
    self: { ...base.self, processes: base.self.processes.map((each) => ({ ...each, saturated: is })) },
  });
  const isSaturated = (...each: boolean[]) => means(...each.map(saturated)).self.processes[0]!.saturated;
  expect([isSaturated(true, true, false), isSaturated(true, false, false)]).toEqual([true, false]);
});

test('meansOf takes the ledger of a round that does not balance', () => {
  const broken = { ...base.ledger, balanced: false };
  expect(means({}, { ledger: broken }, {}).ledger).toEqual(broken);
});

test('meansOf leaves out errors and stalls of single rounds', () => {
  const error = { failed: [{ reason: 'no', count: 1, firstAtMs: 1 }] };
  expect(means({ firstErrors: error }, {})).toMatchObject({ firstErrors: {}, stalls: [] });
});

test('meansOf averages series over time; a shorter one keeps its last value, and a state is that of most rounds', () => {
  const series = (tMs: number[], inFlight: (number | null)[], state: number) => ({
    series: { ...base.series, tMs, inFlight, breaker: tMs.map(() => state) },
  });
  const { tMs, inFlight, breaker } = means(
    series([0, 50, 100], [10, null, 4], 2),
    series([0, 50, 100], [20, null, 6], 0),
    series([0, 50], [30, 8], 2),
  ).series;
  expect([tMs, inFlight, breaker]).toEqual([
    [0, 50, 100],
    [20, 8, 6],
    [2, 2, 2],
  ]);
});

test('meansOf finds the point of a series with a shorter interval', () => {
  const series = (tMs: number[], backlog: number[]) => ({ series: { ...base.series, tMs, backlog } });
  const { backlog } = means(
    series([0, 100, 200], [0, 10, 20]),
    series([0, 50, 100, 150], [2, 4, 6, 8]),
  ).series;
  expect(backlog).toEqual([1, 8, 14]);
});
