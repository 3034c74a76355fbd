import { expect, test } from 'vitest';
import { Requests } from '#lab/evidence/requests.ts';
import { overheadOf } from '#lab/judge/figures/overhead.ts';
import type { Observation } from '#lab/judge/observation/observation.ts';

type Observed = Parameters<typeof overheadOf>[0];

interface Changes {
  readonly gateway?: object;
  readonly consumer?: object;
  readonly downstream?: object;
  readonly rest?: Partial<Observation>;
}

/** Observes two requests: scheduled at 0 and 100 ms, and answered after 20 and 24 ms, the latter with a late answer. */
function observed(changes: Changes = {}): Observed {
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
  const consumer = {
    'spillway_attempts_total{result="ok"}': 2,
    spillway_attempt_duration_seconds_sum: 0.034,
    spillway_attempt_duration_seconds_count: 2,
    'spillway_delivery_duration_seconds_sum{result="ok"}': 0.035,
    'spillway_delivery_duration_seconds_count{result="ok"}': 2,
    ...changes.consumer,
  };
  const downstream = {
    'spillway_attempts_total{result="ok"}': 2,
    spillway_modelled_sleep_seconds_total: 0.028,
    spillway_sleep_excess_seconds_sum: 0.001,
    spillway_sleep_excess_seconds_count: 2,
    ...changes.downstream,
  };
  return {
    awake: new Map(Object.entries(downstream)),
    summary: { startedAtMs: 1000, accepted: 2, acceptedMs: 12 },
    requests,
    effects: { answeredAtMs: Float64Array.of(1018, 1118) },
    deltas: Object.fromEntries(
      Object.entries({ gateway, consumer, downstream }).map(([name, counts]) => [
        name,
        new Map(Object.entries(counts)),
      ]),
    ),
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
  ({ injected: [{ fault: { target: 'downstream', fault: { kind } }, beganAtMs, endedAtMs }] }) as never;

test.each(['pause', 'freeze'])(
  'overheadOf takes the time of an answer outside a fault that stops a process: %s',
  (kind) => {
    expect(overheadOf(observed({ rest: injected(kind, 1110, 1120) }), 'rpc')).toEqual({
      gatewayMs: expect.closeTo(2),
      downstreamMs: expect.closeTo(2.5),
    });
  },
);

test('overheadOf counts the time of a fault of the application as sleep of the model', () => {
  expect(overheadOf(observed({ rest: injected('latency', 1110, 1120) }), 'rpc')).toEqual({
    gatewayMs: expect.closeTo(4),
    downstreamMs: expect.closeTo(3),
  });
});

test('overheadOf is never negative', () => {
  const downstream = { spillway_modelled_sleep_seconds_total: 1 };
  expect(overheadOf(observed({ downstream }), 'rpc')?.downstreamMs).toBe(0);
});

test('overheadOf events is the time until they were accepted, of the slots, and of the completions', () => {
  // A slot was in use for 17.5 ms and the model takes 14; the completions came 4 ms after the commits.
  const fitted = {
    publishMs: expect.closeTo(6),
    downstreamMs: expect.closeTo(3.5),
    deliverMs: expect.closeTo(4.5),
  };
  expect(overheadOf(observed(), 'event')).toEqual(fitted);
  // A slot that waits, or makes several attempts, says nothing about the hop.
  const attempts = { ...fitted, downstreamMs: expect.closeTo(3), deliverMs: expect.closeTo(5) };
  const queued = { 'spillway_policy_actions_total{position="0",policy="bulkhead",action="queued"}': 1 };
  expect(overheadOf(observed({ consumer: queued }), 'event')).toEqual(attempts);
  const untried = { 'spillway_delivery_duration_seconds_count{result="returned"}': 1 };
  expect(overheadOf(observed({ consumer: untried }), 'event')).toEqual(attempts);
});

test('overheadOf events takes the time of a completion where attempts were cut off, or a process was stopped', () => {
  const consumer = { 'spillway_attempts_total{result="abandoned"}': 1 };
  const answers = { downstreamMs: expect.closeTo(4.5), deliverMs: expect.closeTo(4) };
  expect(overheadOf(observed({ consumer }), 'event')).toEqual({ publishMs: expect.closeTo(6), ...answers });
  expect(overheadOf(observed({ rest: { restarted: ['consumer'] } }), 'event')).toEqual({
    publishMs: expect.closeTo(4),
    ...answers,
  });
});

test('overheadOf is unknown with a foreign service, and without a completed request', () => {
  expect(overheadOf(observed({ rest: { foreign: ['gateway'] } }), 'rpc')).toBeNull();
  expect(overheadOf(observed({ rest: { foreign: ['publisher'] } }), 'event')).toBeNull();
  const none = { answeredAtMs: Float64Array.of(Number.NaN, Number.NaN) } as never;
  expect(overheadOf(observed({ rest: { effects: none } }), 'rpc')).toBeNull();
});
