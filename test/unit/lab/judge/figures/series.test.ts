import { expect, test } from 'vitest';
import { Requests } from '#lab/evidence/requests.ts';
import { intervalMs, seriesOf } from '#lab/judge/figures/series.ts';
import type { Observation } from '#lab/judge/observation/observation.ts';

type Sample = Observation['samples'][number];

const sample = (atMs: number, more: Partial<Sample> = {}): Sample => ({
  atMs,
  inFlight: 0,
  retries: [0],
  breaker: 0,
  backlog: 0,
  dead: 0,
  ...more,
});

test.each([
  [1000, 50],
  [30_000, 50],
  [60_000, 100],
  [600_000, 1000],
])('intervalMs of %d ms is %d ms: fine, but never more than 600 points', (durationMs, expected) => {
  expect(intervalMs(durationMs)).toBe(expected);
});

test('seriesOf counts the requests scheduled in an interval, and those of them that were ok, per second', () => {
  const requests = new Requests(3);
  for (const [index, scheduledAtMs, outcome] of [
    [0, 0, 'ok'],
    [1, 49.9, 'late'],
    [2, 50, 'ok'],
  ] as const) {
    requests.scheduledAtMs[index] = scheduledAtMs;
    requests.decide(index, outcome);
  }
  const series = seriesOf(requests, [], 0, 150, false);
  expect(series.tMs).toEqual([0, 50, 100]);
  expect(series.offered).toEqual([40, 20, 0]);
  expect(series.goodput).toEqual([20, 20, 0]);
});

test('seriesOf puts samples on the axis of the scheduled times, with gaps where no process answered but not where none was asked', () => {
  const samples = [
    sample(1010, { inFlight: 1 }),
    sample(1040, { inFlight: 2 }),
    sample(1110, { inFlight: null }),
    sample(1210, { inFlight: 3 }),
  ];
  expect(seriesOf(new Requests(0), samples, 1000, 300, false).inFlight).toEqual([2, 2, null, null, 3, null]);
});

test('seriesOf makes a rate of the retries since the last answer, and a counter that was reset starts from 0', () => {
  const samples = [
    sample(0, { retries: [10] }),
    sample(50, { retries: [12] }),
    sample(150, { retries: [16] }),
    sample(200, { retries: [3] }),
    sample(250, { retries: [null] }),
    sample(300, { retries: [9] }),
  ];
  const { retries } = seriesOf(new Requests(0), samples, 0, 400, false);
  expect(retries).toEqual([0, 40, 40, 40, 60, null, 60, null]);
});

test('seriesOf adds up the retries of several processes, of those that answer, whose counters are reset one by one', () => {
  const samples = [
    sample(0, { retries: [10, 100] }),
    sample(50, { retries: [11, 102] }),
    sample(100, { retries: [12, null] }),
    sample(150, { retries: [null, null] }),
    sample(200, { retries: [14, 3] }),
  ];
  expect(seriesOf(new Requests(0), samples, 0, 250, false).retries).toEqual([
    0,
    20 + 40,
    20,
    null,
    // First process: 2 retries in the 100 ms since its last answer. Second process: it was restarted, so its 3 retries
    // are all of the last 150 ms.
    20 + 20,
  ]);
});

test('seriesOf shows a breaker only where there is one', () => {
  const samples = [sample(0, { breaker: 2 })];
  expect(seriesOf(new Requests(0), samples, 0, 50, true).breaker).toEqual([2]);
  expect(seriesOf(new Requests(0), samples, 0, 50, false).breaker).toEqual([null]);
});
