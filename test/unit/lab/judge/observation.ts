import type { Outcome } from '#kit/wire.ts';
import { Requests } from '#lab/evidence/requests.ts';
import type { Observation } from '#lab/judge/observation/observation.ts';
import { serviceNames } from '#lab/kit/topology/names.ts';
import { parsed } from '#test/fixtures/experiment.ts';

/** Experiment with a variant on each path, and with a deadline of 100 ms. */
export const experiment = parsed(`
deadlineMs: 100
load: [{ arrivals: { kind: constant, ratePerSecond: 100, forMs: 100 } }]
variants:
  calls:
    path: rpc
    description: Calls.
    policies: [{ breaker: { window: { kind: count, size: 20 }, failureRatio: 0.5, openMs: 500 } }]
  events: { path: event }
`);

type Line = readonly [scheduledAtMs: number, latencyMs: number, outcome: Outcome];
const none = Number.NaN;

/** Returns the generator's record of `planned` requests. Only the first requests have a line. */
function requestsOf(planned: number, lines: readonly Line[]): Requests {
  const requests = new Requests(planned);
  for (const [index, [scheduledAtMs, latencyMs, outcome]] of lines.entries()) {
    requests.scheduledAtMs[index] = scheduledAtMs;
    if (outcome !== 'unsent') requests.lagMs[index] = lagsMs[index]!;
    requests.latencyMs[index] = latencyMs;
    requests.decide(index, outcome);
    requests.recorded += 1;
  }
  return requests;
}

/** Send lag of each line in ms. It is at most the latency, since a request can't end before it is sent. */
const lagsMs = [3, 4, 26, 29, 20, 22, 1, 2];

const counts = (service: object): ReadonlyMap<string, number> => new Map(Object.entries(service));

/**
 * Counters of the services. As far as possible, each has another value, so that a test fails if code reads the wrong
 * counter.
 */
const deltas = {
  gateway: counts({
    'spillway_requests_total{outcome="ok"}': 4,
    'spillway_requests_total{outcome="failed"}': 1,
    'spillway_requests_total{outcome="timeout"}': 2,
    'spillway_requests_total{outcome="rejected"}': 3,
    'spillway_attempts_total{result="ok"}': 4,
    'spillway_attempts_total{result="failed"}': 5,
    'spillway_attempts_total{result="abandoned"}': 8,
    spillway_attempt_duration_seconds_sum: 0.34,
    spillway_attempt_duration_seconds_count: 17,
    spillway_retries_total: 29,
    'spillway_refused_retries_total{policy="budget"}': 15,
    'spillway_refused_retries_total{policy="breaker"}': 16,
    spillway_attempt_timeouts_total: 14,
    // p99 is 37.5 ms: the 99th of 100 delays lies in the middle of the second bucket.
    'spillway_event_loop_delay_seconds_bucket{le="0.025"}': 98,
    'spillway_event_loop_delay_seconds_bucket{le="0.05"}': 100,
    process_cpu_seconds_total: 0.2,
  }),
  publisher: counts({
    'spillway_published_total{result="accepted"}': 3,
    'spillway_published_total{result="duplicate"}': 1,
    'spillway_published_total{result="dropped"}': 1,
    'spillway_published_total{result="unavailable"}': 2,
    'spillway_published_total{result="unknown"}': 100,
    // p99 is 25 ms. A process with a higher value counts as saturated.
    'spillway_event_loop_delay_seconds_bucket{le="0.025"}': 99,
    'spillway_event_loop_delay_seconds_bucket{le="0.05"}': 100,
    process_cpu_seconds_total: 0.3,
  }),
  consumer: counts({
    'spillway_deliveries_total{result="ok"}': 3,
    'spillway_deliveries_total{result="dead"}': 2,
    'spillway_deliveries_total{result="retried"}': 100,
    'spillway_attempts_total{result="ok"}': 3,
    'spillway_attempts_total{result="failed"}': 20,
    spillway_retries_total: 21,
    spillway_attempt_timeouts_total: 22,
    process_cpu_seconds_total: 0.4,
  }),
  downstream: counts({
    'spillway_effects_total{caller="waiting"}': 6,
    'spillway_effects_total{caller="gone"}': 3,
    'spillway_duplicate_effects_total{handling="suppressed"}': 2,
    'spillway_duplicate_effects_total{handling="repeated"}': 1,
    'spillway_attempts_total{result="ok"}': 9,
    'spillway_attempts_total{result="failed"}': 7,
    spillway_repeated_attempts_total: 12,
    spillway_modelled_sleep_seconds_total: 0.16,
    // Two of the 4 values are at most 1.5 ms; the other two lie from 1.5 to 2.5 ms.
    'spillway_sleep_excess_seconds_bucket{le="0.0015"}': 2,
    'spillway_sleep_excess_seconds_bucket{le="0.0025"}': 4,
    spillway_sleep_excess_seconds_sum: 0.006,
    process_cpu_seconds_total: 0.5,
  }),
};

const sample = { breaker: 0, dead: 0 };

const remains: Observation['remains'] = {
  pending: new Set([4]),
  behind: ['r4'],
  delivered: [],
  unacknowledged: 0,
  dead: new Set([3]),
  deliveries: 104,
};

const otherEffects = { wasted: 2, belated: 0, belatedUntilMs: Number.NEGATIVE_INFINITY, strays: 1 };

const nothingOff = {
  restarted: [],
  foreign: [],
  unfinishedWarmUp: 0,
  warmUpErrors: {},
  atWork: 0,
  injected: [],
  redriven: [],
  tamperings: [],
  stalls: { all: [], incomplete: [] },
  slowMotion: 1,
};

/** Returns the reports of all witnesses on ten planned calls or events. The run was stopped after eight of them. */
export function observation(name: 'calls' | 'events', more: Partial<Observation> = {}): Observation {
  const calls: Line[] = [
    [0, 10, 'ok'],
    [10, 20, 'ok'],
    [20, 100, 'ok'], // just within the deadline
    [30, 100.5, 'late'],
    [50, 40, 'failed'],
    [60, 50, 'timeout'],
    [70, 1, 'rejected'],
    [80, none, 'unknown'],
  ];
  const events: Line[] = [
    [0, 10, 'ok'],
    [10, none, 'pending'], // has an effect within the deadline
    [20, none, 'unknown'], // has an effect after the deadline
    [30, none, 'pending'], // is dead-lettered
    [50, none, 'pending'], // is in the stream
    [60, none, 'pending'], // no witness knows it
    [70, 5, 'dropped'],
    [80, none, 'unsent'],
  ];
  const firstAtMs = new Float64Array(10).fill(none);
  // The run starts at 1,000 ms.
  for (const [index, ms] of [1010, 1060, 1121].entries()) firstAtMs[index] = ms;
  if (name === 'calls') firstAtMs.set([1030, 1120, 1130], 1);
  const ours = serviceNames.filter((service) => !more.foreign?.includes(service));
  return {
    name,
    summary: {
      startedAtMs: 1000,
      planned: 10,
      offered: 8,
      accepted: 5,
      duplicates: 0,
      firstErrors: {},
      cpuMs: 120,
      rssPeakBytes: 1,
      elapsedMs: 130,
      inFlight: 0,
      outcomes: {},
    },
    requests: requestsOf(10, name === 'calls' ? calls : events),
    effects: {
      firstAtMs,
      answeredAtMs: firstAtMs.slice(),
      counts: Uint32Array.from(firstAtMs, (ms) => (Number.isNaN(ms) ? 0 : 1)),
      total: 7,
      distinct: name === 'calls' ? 4 : 3,
      ...otherEffects,
    },
    remains: name === 'calls' ? undefined : remains,
    samples: [
      { ...sample, atMs: 1010, inFlight: 3, retries: [0], backlog: 1 },
      { ...sample, atMs: 1060, inFlight: 9, retries: [2], breaker: 2, backlog: 5 },
      { ...sample, atMs: 1110, inFlight: 4, retries: [3], backlog: 0, dead: 1 },
    ],
    deltas,
    byProcess: new Map(ours.map((service) => [service, (more.deltas ?? deltas)[service]])),
    awake: deltas.downstream,
    peakInFlight: 11,
    ...nothingOff,
    configs: {
      downstream: { of: 'downstream' },
      gateway: { of: 'gateway' },
      publisher: { of: 'publisher' },
      consumer: { of: 'consumer' },
      nats: { servers: 1, replicas: 1, sync: 'always' },
    },
    broker: { servers: 1, replicas: 1, sync: 'always' },
    clocks: undefined,
    durationMs: 120,
    ...more,
  };
}
