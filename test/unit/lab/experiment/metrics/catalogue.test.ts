import { expect, test } from 'vitest';
import { outcomes } from '#kit/wire.ts';
import { metricNames, metricOf, metrics } from '#lab/experiment/metrics/catalogue.ts';
import { measured as base, recovered } from '#test/fixtures/measured.ts';
import { outcomesOf } from '#test/fixtures/variant.ts';

const measured = {
  ...base,
  windows: [],
  outcomes: outcomesOf(Object.fromEntries(outcomes.map((name, i) => [name, 10 ** i]))),
  ...{
    lost: 3,
    audited: 2,
    redriven: 12,
    refusedRetries: 11,
    peakInFlight: 48,
    cpuMs: 500,
    falseErrors: 4,
    ceiling: 0.77,
  },
  effects: { distinct: 1937, duplicates: 5, wasted: 7 },
};

test('metrics: each takes its own figure from the result', () => {
  const values = Object.fromEntries(metricNames.map((name) => [name, metrics[name].of(measured)]));
  expect(values).toEqual({
    offered: 2000,
    ...measured.outcomes,
    completed: 11, // ok + late
    errors: 1_001_100, // failed + timeout + dead
    lost: 3,
    redriven: 12,
    audited: 2,
    peakInFlight: 48,
    cpuPerRequest: 0.25,
    effects: 1942,
    max: measured.latency?.maxMs,
    recovered: null,
    timeLeft: null,
    goodput: 0.59,
    ceiling: 0.77,
    collapsed: 0,
    attempts: 3315,
    retries: 1315,
    refusedRetries: 11,
    attemptTimeouts: 0,
    amplification: 3315 / 2000,
    duplicates: 5,
    wasted: 7,
    falseErrors: 4,
    mean: measured.latency?.meanMs,
    p50: 1646,
    p90: measured.latency?.p90Ms,
    p95: measured.latency?.p95Ms,
    p99: 3675,
    p999: measured.latency?.p999Ms,
    timeToRecover: null,
    timeToDrain: null,
    lostGoodput: null,
    metastable: null,
  });
});

test('metrics: the recovery of a variant is known if it was judged', () => {
  const recovery = { ...recovered, drainMs: 2000, watchedMs: 9000, lostGoodput: 12, metastable: true };
  const { timeToRecover, timeToDrain, lostGoodput, metastable } = metrics;
  const after = { ...measured, recovery };
  const all = [metrics.recovered, timeToRecover, timeToDrain, lostGoodput, metastable];
  expect(all.map(({ of }) => of(after))).toEqual([1, 3000, 2000, 12, 1]);
  const stuck = { ...after, recovery: { ...recovery, timeMs: null, atLeastMs: 4000 } };
  expect([timeToRecover.of(stuck), timeToRecover.atLeast(stuck)]).toEqual([null, 4000]);
  expect(metastable.of({ ...after, recovery: { ...recovery, metastable: null } })).toBeNull();
  expect([lostGoodput.of(stuck), lostGoodput.atLeast(stuck)]).toEqual([null, 12]);
  expect(timeToDrain.atLeast({ ...after, recovery: { ...recovery, drainMs: null } })).toBe(9000);
  const { drainMs: _, ...undrained } = recovery;
  expect(timeToDrain.atLeast({ ...after, recovery: undrained })).toBeNull();
});

test('metrics: attempts that are only partly reported are a lower bound', () => {
  const part = { ...measured, offered: 100, attempts: 30, amplification: 3, unreported: 90 };
  const { attempts, amplification } = metrics;
  expect([attempts, amplification].map(({ of }) => of(part))).toEqual([null, null]);
  expect([attempts, amplification].map(({ atLeast }) => atLeast(part))).toEqual([30, 0.3]);
  expect([attempts, amplification].map(({ of }) => of({ ...part, unreported: 0 }))).toEqual([30, 3]);
});

test('metrics: there is no latency without an effect, and no ratio without a request', () => {
  expect(metrics.p99.of({ ...measured, latency: null })).toBeNull();
  const unoffered = { ...measured, offered: 0, goodput: Number.NaN, amplification: Number.NaN };
  expect([metrics.goodput, metrics.amplification].map(({ of }) => of(unoffered))).toEqual([null, null]);
});

test.each<[(boolean | null | 'under way')[], number | null]>([
  [[true, false], 1],
  [[true, 'under way'], 1],
  [[false, null], 0],
  [[false, 'under way'], null],
  [[null], null],
  [[], null],
])('metrics: a run whose windows have the verdicts %o is metastable: %o', (verdicts, expected) => {
  const windows = verdicts.map((verdict, i) => ({
    ...{ ...measured, window: `after ${i}`, span: { fromMs: i, untilMs: 9 } },
    recovery: {
      ...recovered,
      metastable: verdict === 'under way' ? null : verdict,
      ...(verdict === 'under way' && { leftMs: 5000 }),
    },
  }));
  expect(metrics.metastable.overall({ ...measured, windows })).toBe(expected);
});

test('metricOf knows the metrics and nothing else', () => {
  expect(metricOf('p99')).toBe(metrics.p99);
  expect(['p98', 'toString', '__proto__'].map(metricOf)).toEqual([undefined, undefined, undefined]);
});
