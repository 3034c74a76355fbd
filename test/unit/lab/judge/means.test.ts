import { expect, test } from 'vitest';
import { meansOf } from '#lab/judge/means.ts';
import type { Recovery, VariantResult } from '#lab/result/result.ts';
import { makeResult } from '#test/fixtures/result.ts';

const base = makeResult({ variants: 1 }).variants[0]!;
const means = (...changes: Partial<VariantResult>[]) =>
  meansOf(changes.map((change, i) => ({ seed: 7 + i, variant: { ...base, ...change } })));

test('meansOf averages counts, goodput and latency, and keeps the goodput of each round', () => {
  const [some, none] = [base.outcomes, { ...base.outcomes, ok: base.outcomes.ok + 100 }];
  const { outcomes, goodput, latency, goodputs } = means(
    { outcomes: some, goodput: 0.2 },
    { outcomes: none, goodput: 0.6, latency: null },
  );
  expect([outcomes.ok, goodput]).toEqual([base.outcomes.ok + 50, 0.4]);
  expect(latency).toBeNull(); // the mean of one of two rounds would be biased
  expect(goodputs).toEqual([
    { seed: 7, goodput: 0.2 },
    { seed: 8, goodput: 0.6 },
  ]);
});

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

const recovery: Recovery = {
  timeMs: 0,
  reported: true,
  atLeastMs: 0,
  watchedMs: 5000,
  lostGoodput: 10,
  metastable: false,
};

test('meansOf gives a window the median time of recovery, null if half of the rounds did not recover', () => {
  const recovered = (...times: (number | null)[]) =>
    means(
      ...times.map((timeMs) => ({
        windows: [
          {
            ...base,
            name: 'after slow',
            span: null,
            recovery: { ...recovery, timeMs, atLeastMs: timeMs ?? 5000 },
          },
        ],
      })),
    ).windows[0]!.recovery;
  expect(recovered(100, 900, 300)).toMatchObject({ timeMs: 300 });
  expect(recovered(100, null, null)).toMatchObject({ timeMs: null, atLeastMs: 5000 });
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
