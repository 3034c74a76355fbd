import { expect, test } from 'vitest';
import type { Of } from '#lab/evidence/format.ts';
import type { Sample } from '#lab/judge/observation/observation.ts';
import { sampleOf } from '#lab/judge/observation/read-observation.ts';

type Said = Of<'sample'>['processes'][string];

/** Sample of a gateway or a consumer. Each metric has another value, so that a test fails if two are mixed up. */
const said = {
  spillway_retries_total: 1,
  spillway_breaker_state: 2,
  spillway_bulkhead_queued: 3,
  spillway_stream_messages: 4,
  spillway_dead_letter_messages: 5,
};
const working = (inFlight: number): Said => ({ spillway_work_in_flight: inFlight });

const rpc = (processes: Record<string, Said>) => sampleOf({ record: 'sample', atMs: 7, processes }, 'rpc');
const event = (processes: Record<string, Said>) =>
  sampleOf({ record: 'sample', atMs: 7, processes }, 'event');

test('sampleOf takes each figure from the process that has it', () => {
  const downstream = working(9);
  const shared = { atMs: 7, inFlight: 9, retries: [1], breaker: 2 };
  expect(rpc({ gateway: said, downstream })).toEqual({ ...shared, backlog: 3, dead: 0 });
  expect(event({ publisher: { spillway_stream_messages: 99 }, consumer: said, downstream })).toEqual({
    ...shared,
    backlog: 4,
    dead: 5,
  });
});

const unknown = { retries: [null], breaker: null, backlog: null };

test.each<[string, Sample, Partial<Sample>]>([
  [
    'downstream does not respond',
    rpc({ gateway: said, downstream: null }),
    { inFlight: null, retries: [1], backlog: 3, dead: 0 },
  ],
  [
    'no gateway responds',
    rpc({ gateway: null, downstream: working(0) }),
    { inFlight: 0, ...unknown, dead: 0 },
  ],
  ['no consumer responds', event({ consumer: null, downstream: working(0) }), { ...unknown, dead: null }],
  ['the caller is not Spillway’s', rpc({ downstream: working(0) }), { inFlight: 0, ...unknown, retries: [] }],
  ['the caller counts nothing', rpc({ gateway: {}, downstream: working(0) }), { inFlight: 0, ...unknown }],
  [
    'the caller does not know the backlog',
    event({ consumer: { ...said, spillway_stream_messages: null }, downstream: working(0) }),
    { retries: [1], backlog: null, dead: 5 },
  ],
])('sampleOf leaves a gap where %s, and only there', (_what, sample, expected) => {
  expect(sample).toMatchObject(expected);
});

test('sampleOf takes of several processes sums where all respond, the highest of those who do, and the retries of each', () => {
  const caller = (retries: number, breaker: number) => ({
    spillway_retries_total: retries,
    spillway_breaker_state: breaker,
    spillway_bulkhead_queued: 4,
  });
  const of = {
    'downstream-1': working(6),
    'downstream-2': working(6),
    'gateway-1': caller(1, 2),
    'gateway-2': null,
    'gateway-3': caller(3, 1),
  };
  const expected = { atMs: 7, inFlight: 12, retries: [1, null, 3], breaker: 2, backlog: null, dead: 0 };
  expect(rpc(of)).toEqual(expected);
});
