import { expect, test } from 'vitest';
import { overheadOf } from '#lab/analysis/figures/overhead.ts';
import type { Observation } from '#lab/analysis/observation/observation.ts';
import { Requests } from '#lab/evidence/requests.ts';

type Observed = Parameters<typeof overheadOf>[0];

/** Two requests: scheduled at 0 and 100 ms, sent 1 ms late, answered after 20 and 24 ms, the latter with a late answer. */
function observed(
  changes: { gateway?: object; downstream?: object; rest?: Partial<Observation> } = {},
): Observed {
  const requests = new Requests(2);
  for (const [index, latencyMs] of [20, 24].entries()) {
    requests.scheduledAtMs[index] = 100 * index;
    requests.lagMs[index] = 1;
    requests.latencyMs[index] = latencyMs;
    requests.decide(index, 'ok');
  }
  const gateway = {
    'spillway_request_duration_seconds_sum{outcome="ok"}': 0.036,
    'spillway_request_duration_seconds_count{outcome="ok"}': 2,
    'spillway_attempts_total{result="ok"}': 2,
    spillway_attempt_duration_seconds_sum: 0.034,
    spillway_attempt_duration_seconds_count: 2,
    ...changes.gateway,
  };
  const downstream = {
    'spillway_attempts_total{result="ok"}': 2,
    spillway_modelled_sleep_seconds_total: 0.028,
    spillway_sleep_excess_seconds_sum: 0.001,
    spillway_sleep_excess_seconds_count: 2,
    ...changes.downstream,
  };
  return {
    summary: { startedAtMs: 1000 },
    requests,
    effects: { answeredAtMs: Float64Array.of(1018, 1118) },
    deltas: { gateway: new Map(Object.entries(gateway)), downstream: new Map(Object.entries(downstream)) },
    foreign: [],
    injected: [],
    restarted: [],
    ...changes.rest,
  } as unknown as Observed;
}

test('overheadOf is the time beyond the gateway, and that of an attempt beyond its model', () => {
  // 22 − 18 ms at the gateway, and 17 − 14 ms at downstream.
  expect(overheadOf(observed(), 'rpc')).toEqual({
    gatewayMs: expect.closeTo(4),
    downstreamMs: expect.closeTo(3),
  });
});

test('overheadOf leaves out the gateway’s time for disconnected callers', () => {
  const gateway = {
    'spillway_request_duration_seconds_sum{outcome="gone"}': 5,
    'spillway_request_duration_seconds_count{outcome="gone"}': 1,
  };
  expect(overheadOf(observed({ gateway }), 'rpc')?.gatewayMs).toBeCloseTo(4);
});

test.each([
  ['gateway', { gateway: { 'spillway_attempts_total{result="abandoned"}': 1 } }],
  ['downstream', { downstream: { 'spillway_attempts_total{result="expired"}': 1 } }],
])('overheadOf takes the time of an answer where %s cut attempts off', (_, changes) => {
  // The answers took 2 and 6 ms, and the sleeps 0.5 ms longer.
  expect(overheadOf(observed(changes), 'rpc')).toEqual({
    gatewayMs: expect.closeTo(4),
    downstreamMs: expect.closeTo(4.5),
  });
});

const injected = (kind: string, beganAtMs: number, endedAtMs: number) =>
  ({ injected: [{ fault: { target: 'gateway', fault: { kind } }, beganAtMs, endedAtMs }] }) as never;

test('overheadOf takes the time of an answer outside a fault that stops a process', () => {
  expect(overheadOf(observed({ rest: injected('pause', 1110, 1120) }), 'rpc')).toEqual({
    gatewayMs: expect.closeTo(2),
    downstreamMs: expect.closeTo(2.5),
  });
  // A fault of the application adds to the sleep of the model, and so to no overhead.
  expect(overheadOf(observed({ rest: injected('latency', 1110, 1120) }), 'rpc')).toEqual({
    gatewayMs: expect.closeTo(4),
    downstreamMs: expect.closeTo(3),
  });
});

test('overheadOf is never negative', () => {
  const downstream = { spillway_modelled_sleep_seconds_total: 1 };
  expect(overheadOf(observed({ downstream }), 'rpc')?.downstreamMs).toBe(0);
});

test('overheadOf is unknown for events, for a foreign gateway, and without a completed request', () => {
  expect(overheadOf(observed(), 'event')).toBeNull();
  expect(overheadOf(observed({ rest: { foreign: ['gateway'] } }), 'rpc')).toBeNull();
  const none = { answeredAtMs: Float64Array.of(Number.NaN, Number.NaN) } as never;
  expect(overheadOf(observed({ rest: { effects: none } }), 'rpc')).toBeNull();
});
