import { expect, test } from 'vitest';
import { outcomes } from '#kit/wire.ts';
import { Requests } from '#lab/evidence/requests.ts';
import { measure } from '#lab/judge/measure.ts';
import type { Observation } from '#lab/judge/observation/observation.ts';
import { experiment, observation } from './observation.ts';

/** Measures a variant, and merges its result with what was counted of it. */
const flat = (...args: Parameters<typeof measure>) => {
  const { variant, run } = measure(...args);
  return { ...variant, ...run };
};
const measured = (name: 'calls' | 'events', more: Partial<Observation> = {}) =>
  flat(experiment, observation(name, more), [9.9, 10, 20, 99.9, 100, 101]);

/** Returns the outcomes with a count above zero. */
const some = (all: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(all).filter(([, count]) => count > 0));

const calls = measured('calls');
const events = measured('events');

test('measure counts every outcome, also the zeros', () => {
  expect(Object.keys(calls.outcomes)).toEqual([...outcomes]);
  expect(some(calls.outcomes)).toEqual({ ok: 3, late: 1, failed: 1, timeout: 1, rejected: 1, unknown: 1 });
  expect(calls).toMatchObject({
    offered: 8,
    audited: 0,
    lost: 0,
    peakInFlight: 11,
    cpuMs: 200,
    durationMs: 120,
  });
});

test('measure takes the figures of each part of the load from the requests scheduled in it', () => {
  const judged = { ...experiment, hypothesis: ['goodput(calls, 0..40ms) > 0', 'ok(calls, 40ms..1s) > 0'] };
  const { requests } = observation('calls');
  requests.attempts.set([2, 4, NaN, NaN, NaN, NaN, 0]);
  const { windows } = flat(judged, observation('calls', { requests }), [100]);
  expect(windows).toMatchObject([{ window: '0..40ms' }, { window: '40ms..1000ms' }]);
  const [early, late] = windows!;
  expect(early!.offered + late!.offered).toBe(8);
  for (const outcome of outcomes)
    expect(early!.outcomes[outcome] + late!.outcomes[outcome]).toBe(calls.outcomes[outcome]);
  expect(early!.goodput).toBe(early!.outcomes.ok / early!.offered);
  expect(early).toMatchObject({ attempts: 6, amplification: 3, unreported: 2 });
  expect(late).toMatchObject({ attempts: 0, amplification: 0, unreported: 3 });
});

test('measure compares what follows a phase with what was before the first that is looked behind', () => {
  const load = [25, 10, 20, 10, 35].map((forMs) => ({
    arrivals: { kind: 'constant' as const, ratePerSecond: 100, forMs },
  }));
  const hypothesis = [2, 4].map((phase) => `lostGoodput(calls, after phase ${phase}) >= 0`);
  const { windows } = flat({ ...experiment, deadlineMs: 5, load, hypothesis }, observation('calls'), [100]);
  const lost = (name: string) => windows?.find(({ window }) => window === name)?.recovery?.lostGoodput;
  // The two requests before 20 ms are ok. All five requests after phase 2 failed; three of them come after phase 4.
  expect([lost('after phase 2'), lost('after phase 4')]).toEqual([5, 3]);
});

test('measure lets other witnesses decide outcomes of events that the generator does not know', () => {
  expect(some(events.outcomes)).toEqual({ ok: 2, late: 1, dead: 1, pending: 2, dropped: 1, unsent: 1 });
  // Recovered: two events by their effects, and an event by its dead letter. Lost: an event that no witness knows.
  expect(events).toMatchObject({ offered: 8, audited: 3, lost: 1 });
  expect(events.latency).toMatchObject({ count: 3, p50Ms: 50, maxMs: 101 });
});

test.each([
  ['calls', { attempts: 17, retries: 13, attemptTimeouts: 14, amplification: 17 / 8 }, calls],
  ['events', { attempts: 23, retries: 21, attemptTimeouts: 22, amplification: 23 / 8 }, events],
] as const)('measure takes the attempts for %s from those who make them', (_path, expected, variant) => {
  expect(variant).toMatchObject(expected);
});

test.each([
  ['calls', 'gateway', { attempts: 16, retries: 12, attemptTimeouts: 14, amplification: 2 }],
  ['events', 'consumer', { attempts: 16, retries: 12, attemptTimeouts: 22, amplification: 2 }],
] as const)('measure takes attempts for %s from downstream if the %s is foreign', (path, name, expected) => {
  expect(measured(path, { foreign: [name] })).toMatchObject(expected);
});

test('measure takes the attempts of a caller that was restarted from downstream, where that saw more', () => {
  const { deltas } = observation('calls');
  const seen = (attempts: number) => ({
    restarted: ['gateway' as const],
    deltas: { ...deltas, downstream: new Map([['spillway_attempts_total', attempts]]) },
  });
  expect([16, 18].map((attempts) => measured('calls', seen(attempts)).attempts)).toEqual([17, 18]);
});

test('measure counts errors of requests that have an effect, but no failure without one', () => {
  expect([calls.falseErrors, events.falseErrors]).toEqual([0, 0]); // late is no error
  const { effects } = observation('calls');
  effects.counts[4] = 1; // failed
  expect(measured('calls', { effects }).falseErrors).toBe(1);
});

test('measure counts effects beyond the first, without those of strangers', () => {
  expect(calls.effects).toEqual({ distinct: 4, duplicates: 2, wasted: 2 });
  expect(events.effects).toEqual({ distinct: 3, duplicates: 3, wasted: 2 });
  const { effects } = observation('calls');
  expect(measured('calls', { effects: { ...effects, belated: 1 } }).effects.duplicates).toBe(1);
});

test('measure takes goodput as a share of what was offered, each deadline included', () => {
  expect(calls.goodput).toBe(0.375);
  expect(calls.goodputByDeadline).toEqual([
    { deadlineMs: 9.9, goodput: 0 },
    { deadlineMs: 10, goodput: 0.125 },
    { deadlineMs: 20, goodput: 0.25 },
    { deadlineMs: 99.9, goodput: 0.25 },
    { deadlineMs: 100, goodput: 0.375 },
    { deadlineMs: 101, goodput: 0.5 },
  ]);
  expect(calls.latency).toEqual({
    count: 4,
    meanMs: 57.625,
    p50Ms: 20,
    p90Ms: 100.5,
    p95Ms: 100.5,
    p99Ms: 100.5,
    p999Ms: 100.5,
    maxMs: 100.5,
  });
});

const noneGrown: Observation['deltas'] = {
  gateway: new Map(),
  publisher: new Map(),
  consumer: new Map(),
  downstream: new Map(),
};

test('measure has no figures without requests', () => {
  const { summary } = observation('calls');
  const nothing = measured('calls', {
    summary: { ...summary, planned: 0, offered: 0 },
    requests: new Requests(0),
    deltas: noneGrown,
    awake: noneGrown.downstream,
  });
  expect(nothing).toMatchObject({ goodput: 0, amplification: 0, latency: null, self: { sleepExcess: null } });
  expect(nothing.self.processes[1]).toMatchObject({ loopDelayP99Ms: 0, cpuMs: 0, saturated: false });
});

test('measure judges the processes on the path by the 99th percentile, the generator by its lag', () => {
  const process = { restarted: false, loopDelayP99Ms: 0, saturated: false };
  const generator = { ...process, name: 'generator', loopDelayP99Ms: null, cpuMs: 120, saturated: true };
  const downstream = { ...process, name: 'downstream', cpuMs: 500 };
  expect(calls.self.processes).toEqual([
    generator,
    { ...process, name: 'gateway', loopDelayP99Ms: expect.closeTo(37.5), cpuMs: 200, saturated: true },
    downstream,
  ]);
  expect(events.self.processes).toEqual([
    generator,
    { ...process, name: 'publisher', loopDelayP99Ms: 25, cpuMs: 300 },
    { ...process, name: 'consumer', cpuMs: 400 },
    downstream,
  ]);
});

test('measure says how late requests were sent and how much longer downstream slept', () => {
  expect(calls.self.lag).toMatchObject({ count: 8, p50Ms: 4, p90Ms: 29, p99Ms: 29, maxMs: 29 });
  expect(events.self.lag).toMatchObject({ count: 7, p50Ms: 20, maxMs: 29 });
  const expected = [4, 1.5, 1.5, 2.3, 2.4, 2.48, 2.498, 2.5];
  expect(Object.values(calls.self.sleepExcess!)).toEqual(expected.map((value) => expect.closeTo(value, 9)));
});

test('measure says how long an attempt took for its caller, and how much of it the model asked for', () => {
  expect(calls.self.attempt).toEqual({ meanMs: expect.closeTo(20, 9), modelledMs: expect.closeTo(10, 9) });
  expect(events.self.attempt).toBeNull(); // its consumer reported no attempt durations
});

test('measure leaves out the sleep excess of downstream while it was paused', () => {
  expect(measured('calls', { awake: new Map() }).self.sleepExcess).toBeNull();
});

test('measure shows the configuration of each service of the path, or that a service is foreign', () => {
  expect(calls).toMatchObject({ name: 'calls', path: 'rpc', description: 'Calls.' });
  expect(calls.config).toEqual({ downstream: { of: 'downstream' }, gateway: { of: 'gateway' } });
  expect(measured('events', { foreign: ['publisher'] }).config).toEqual({
    downstream: { of: 'downstream' },
    publisher: 'not Spillway’s',
    consumer: { of: 'consumer' },
    broker: { servers: 1, replicas: 1, sync: 'always' },
  });
  expect(measured('events', { broker: undefined }).config).not.toHaveProperty('broker');
});

test('measure leaves out errors of events that the audit gave another outcome', () => {
  const error = (reason: string, count: number) => ({ reason, count, firstAtMs: 10 });
  const { summary } = observation('events');
  const firstErrors = {
    pending: [error('no completion', 4)],
    unknown: [error('no answer', 1)],
    dropped: [error('429', 1)],
  };
  const { outcomes, firstErrors: left } = flat(
    experiment,
    observation('events', { summary: { ...summary, firstErrors } }),
    [50, 100],
  );
  expect([outcomes.pending, outcomes.unknown]).toEqual([2, 0]);
  expect(left).toEqual({ pending: [error('no completion', 2)], dropped: [error('429', 1)] });
});

const refusedRetries = (name: 'calls' | 'events', more: Partial<Observation> = {}) =>
  measured(name, more).refusedRetries;

test('measure counts refused retries, and none where the caller is foreign', () => {
  expect(refusedRetries('calls')).toBe(31);
  expect(refusedRetries('events')).toBe(0);
  expect(refusedRetries('calls', { foreign: ['gateway'] })).toBeNull();
});

test('measure takes refused retries from those of calls, but not of events, which are tried again', () => {
  const { deltas } = observation('events');
  const consumer = new Map([
    ...deltas.consumer,
    ['spillway_refused_retries_total{policy="breaker"}', 4],
  ] as const);
  expect(measured('events', { deltas: { ...deltas, consumer } })).toMatchObject({
    ...{ retries: 21, refusedRetries: 4 },
  });
  const gateway = new Map([...deltas.gateway, ['spillway_retries_total', 15]] as const);
  expect(measured('calls', { deltas: { ...deltas, gateway } }).retries).toBe(0);
});

test.each([
  ['failed', { failed: 7 }, "the consumer's reason: failed"],
  ['failed and timeout', { failed: 7, timeout: 2 }, "the consumer's reason: failed 7×, timeout 2×"],
])('measure names the reason of dead events: %s', (_, counts, reason) => {
  const { deltas } = observation('events');
  const series = Object.entries(counts).map(([name, times]): [string, number] => [
    `spillway_dead_letters_total{reason="${name}"}`,
    times,
  ]);
  const consumer = new Map([...deltas.consumer, ...series]);
  const { firstErrors } = measured('events', { deltas: { ...deltas, consumer } });
  expect(firstErrors).toEqual({ dead: [{ reason, count: 1, firstAtMs: 30 }] });
});
