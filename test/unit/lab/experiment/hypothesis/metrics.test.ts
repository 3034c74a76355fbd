import { expect, test } from 'vitest';
import { outcomes } from '#kit/wire.ts';
import { goodputWithin, metricNames, metricOf, metrics } from '#lab/experiment/hypothesis/metrics.ts';
import { measured as base, recovered } from '#test/fixtures/measured.ts';
import { outcomesOf } from '#test/fixtures/variant.ts';

const redrive = { atMs: 0, ratePerSecond: 1, took: null, left: 0, failure: null };
const measured = {
  ...base,
  outcomes: outcomesOf(Object.fromEntries(outcomes.map((name, i) => [name, 10 ** i]))),
  lost: 3,
  refusedRetries: { budget: 4, breaker: 7 },
  redrives: [4, 8].map((redriven) => ({ ...redrive, redriven })),
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
    goodput: 0.59,
    collapsed: 0,
    attempts: 3315,
    retries: 1315,
    refusedRetries: 11,
    attemptTimeouts: 0,
    amplification: 3315 / 2000,
    duplicates: 5,
    wasted: 7,
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
  const all = [timeToRecover, timeToDrain, lostGoodput, metastable];
  expect(all.map(({ of }) => of(after))).toEqual([3000, 2000, 12, 1]);
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
  expect(goodputWithin(unoffered, 250)).toBeNull();
});

test('goodputWithin knows the deadlines that were computed and no other', () => {
  expect([250, 5000, 251].map((ms) => goodputWithin(measured, ms))).toEqual([0.07, 0.968, null]);
});

test('metricOf knows the metrics and nothing else', () => {
  expect(metricOf('p99')).toBe(metrics.p99);
  expect(['p98', 'toString', '__proto__'].map(metricOf)).toEqual([undefined, undefined, undefined]);
});
