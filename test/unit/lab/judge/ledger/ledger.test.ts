import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { type Outcome, outcomes } from '#kit/wire.ts';
import { balance } from '#lab/judge/ledger/ledger.ts';
import { reconcile } from '#lab/judge/ledger/reconcile.ts';
import { failing, truthful } from './truthful.ts';

const rpc = fc.array(
  fc.constantFrom<Outcome>('ok', 'late', 'failed', 'timeout', 'rejected', 'unknown', 'unsent'),
);
const event = fc.array(
  fc.constantFrom<Outcome>('ok', 'late', 'dead', 'dropped', 'pending', 'unknown', 'unsent'),
);

property.prop([rpc])('balance holds for any mix of outcomes of calls', (ends) => {
  const witnesses = truthful('rpc', ends);
  expect(failing(witnesses)).toEqual([]);
  const counts = witnesses.requests.count();
  expect(outcomes.reduce((sum, outcome) => sum + counts[outcome], 0)).toBe(ends.length);
});

property.prop([event])('balance holds for any mix of outcomes of events, unchanged by reconcile', (ends) => {
  const witnesses = truthful('event', ends);
  const before = witnesses.requests.count();
  expect(reconcile(witnesses)).toEqual({ recovered: 0, lost: 0 });
  expect(witnesses.requests.count()).toEqual(before);
  expect(failing(witnesses)).toEqual([]);
});

test('balance counts what a publisher without a broker refused as dropped, and allows for answers that got lost', () => {
  const truth = truthful('event', ['dropped', 'dropped', 'unknown']);
  Object.assign(truth.counters.publisher, { accepted: 0, duplicate: 0, dropped: 1, unavailable: 1 });
  expect(failing(truth)).toEqual([]);
  Object.assign(truth.counters.publisher, { accepted: 0, duplicate: 0, dropped: 2, unavailable: 1 });
  expect(failing(truth)).toEqual(['publisher and generator agree on dropped']);
  truth.requests.unanswered = 1;
  expect(failing(truth)).toEqual([]);
});

test.each([
  ['rpc', 'failed', 'gateway and generator agree on failed'],
  ['event', 'dropped', 'publisher and generator agree on dropped'],
] as const)(
  'balance on the path %s asks no service for what %s without a connection',
  (path, outcome, check) => {
    const truth = truthful(path, ['ok', outcome, outcome]);
    Object.assign(truth.counters.gateway, { failed: 1 });
    Object.assign(truth.counters.publisher, { dropped: 1 });
    expect(failing(truth)).toEqual([check]);
    truth.requests.unconnected = 1;
    expect(failing(truth)).toEqual([]);
  },
);

test("balance does not look for the dead letters of a consumer that is not Spillway's, but for those of one that was killed", () => {
  const truth = truthful('event', ['dead']);
  truth.remains.dead.clear();
  truth.counters.doubts = { consumer: { missing: 'it was killed' } };
  expect(failing(truth)).toEqual(['every dead event is in the dead letters']);
  truth.foreign = ['consumer'];
  expect(failing(truth)).toEqual([]);
});

test.each([
  ['rpc', 'unknown', 2, true],
  ['rpc', 'unknown', 3, false],
  ['rpc', 'unknown', 0, false],
  ['rpc', 'failed', 2, false],
  ['event', 'pending', 2, true],
  ['event', 'pending', 3, false],
] as const)(
  'balance on the path %s allows for one later effect of each %s request: of %s, %s',
  (path, outcome, counted, ok) => {
    const witnesses = truthful(path, ['ok', outcome]);
    witnesses.counters.effects.waiting = counted;
    expect(failing(witnesses).includes('the effect log holds what downstream counted')).toBe(!ok);
  },
);

test.each([
  ['fewer requests than planned, in a closed loop', true, 3, true],
  ['fewer requests than planned, in an open loop', false, 3, false],
  ['more requests than planned, in a closed loop', true, 1, false],
])('balance with %s', (_, isClosed, planned, ok) => {
  const witnesses = truthful('rpc', ['ok', 'ok']);
  const summary = { ...witnesses.summary, planned };
  expect(failing({ ...witnesses, isClosed, summary }).length === 0).toBe(ok);
});

test.each([
  ['as many as its caller made', 3, ''],
  ['fewer than its caller made', 1, '2 never arrived: no connection, or cut off first'],
  ['more than it made', 4, expect.stringMatching(/^downstream, .* but .*, attempts made: at most 3$/)],
] as const)('balance with attempts that downstream saw, %s', (_, downstream, note) => {
  const name = 'downstream saw no attempt that its caller did not make';
  for (const [path, caller] of [
    ['rpc', 'gateway'],
    ['event', 'consumer'],
  ] as const) {
    const witnesses = truthful(path, ['ok', 'ok', 'ok']);
    witnesses.counters.attempts = { gateway: 0, consumer: 0, [caller]: 3, downstream };
    const found = () => balance(witnesses, 0).checks.find((check) => check.name === name);
    expect(found()).toMatchObject({ ok: downstream <= 3, note });
    expect(Object.values(found()!.witnesses)).toEqual([downstream, 3]);
    witnesses.counters.doubts = { [caller]: { missing: 'it was killed' } };
    expect(found()).toMatchObject({ ok: true, note: 'it was killed' });
    witnesses.counters.doubts = { downstream: { missing: 'it was killed' } };
    expect(found()).toMatchObject({ ok: downstream <= 3 });
  }
});

test.each([
  ['all that is done, and of the warm-up', ['r0', 'r1', 'r2', 'w0'], [], 0, true],
  ['what is not done', ['r3'], [], 0, false],
  ['nothing, where all that was delivered is to be acknowledged', [], ['r0', 'r3', 'r4'], 3, true],
  ['what is done among that', [], ['r0', 'r3', 'r4'], 2, true],
  ['also what is not done among that', [], ['r0', 'r3', 'r4'], 1, false],
  ['what is not done, beside as much that is and is to be acknowledged', ['r3'], ['r0'], 1, false],
])('balance with a broker that will not deliver %s', (_, behind, delivered, unacknowledged, ok) => {
  const { remains, ...witnesses } = truthful('event', ['ok', 'late', 'dead', 'pending', 'pending']);
  const kept = { ...remains, behind, delivered, unacknowledged };
  expect(failing({ ...witnesses, remains: kept })).toEqual(ok ? [] : ['no event is stuck in the stream']);
});

test.each([
  ['ok', 100.0005, true],
  ['ok', 100.002, false],
  ['late', 99.9995, true],
  ['late', 99.998, false],
] as const)('balance allows for 1 µs at a deadline of 100 ms: %s at %d ms, %s', (outcome, latencyMs, ok) => {
  const truth = truthful('rpc', [outcome]);
  truth.requests.latencyMs[0] = latencyMs;
  truth.effects.firstAtMs[0] = 1050;
  truth.effects.answeredAtMs[0] = 1050;
  expect(failing(truth)).toEqual(ok ? [] : ['the deadline separates ok from late']);
});
