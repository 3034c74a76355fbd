import { fc, test as property } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { type Outcome, outcomes } from '#kit/wire.ts';
import type { Effects } from '#lab/audit/effects.ts';
import { balance, type Counters, settle, type Witnesses } from '#lab/audit/ledger.ts';
import { Requests } from '#lab/audit/record.ts';
import type { Summary } from '#load/protocol.ts';

type Fate = 'ok' | 'late' | 'failed' | 'timeout' | 'rejected' | 'dropped' | 'dead' | 'pending' | 'unknown';

const hasEffect = (outcome: Outcome): boolean => outcome === 'ok' || outcome === 'late';

/** What all witnesses say when every request meets the fate given, and everybody tells the truth. */
function truthful(
  path: 'rpc' | 'event',
  fates: readonly Fate[],
): Omit<Witnesses, 'counters'> & { counters: { -readonly [K in keyof Counters]: Counters[K] } } {
  const requests = new Requests(fates.length);
  const firstAtMs = new Float64Array(fates.length).fill(Number.NaN);
  for (const [index, fate] of fates.entries()) {
    requests.dueMs[index] = index;
    requests.decide(index, fate);
    requests.recorded += 1;
    if (hasEffect(fate)) {
      requests.latencyMs[index] = 10;
      firstAtMs[index] = 1000 + index + 10;
    }
  }
  const count = (...names: Fate[]) => fates.filter((fate) => names.includes(fate)).length;
  const done = count('ok', 'late');
  const effects: Effects = { firstAtMs, total: done, distinct: done, wasted: 0, strays: 0 };
  const accepted = count('ok', 'late', 'dead', 'pending');
  const summary = { startedAtMs: 1000, planned: fates.length, offered: fates.length, accepted, outcomes: {} };
  return {
    path,
    requests,
    effects,
    summary: summary as unknown as Summary,
    counters: {
      gateway: { ok: done, failed: count('failed'), timeout: count('timeout'), rejected: count('rejected') },
      publisher: { accepted, duplicate: 0, dropped: count('dropped') },
      consumer: { ok: done, dead: count('dead') },
      effects: done,
      suppressedEffects: 0,
      attempts: { gateway: fates.length, consumer: fates.length, downstream: fates.length },
      partial: {},
    },
    remains: {
      pending: new Set(fates.flatMap((fate, index) => (fate === 'pending' ? [index] : []))),
      dead: new Set(fates.flatMap((fate, index) => (fate === 'dead' ? [index] : []))),
      stuck: 0,
    },
  };
}

const failing = (witnesses: Witnesses, lost = 0): string[] =>
  balance(witnesses, lost)
    .checks.filter(({ ok }) => !ok)
    .map(({ name }) => name);

const rpc = fc.array(fc.constantFrom<Fate>('ok', 'late', 'failed', 'timeout', 'rejected', 'unknown'));
const event = fc.array(fc.constantFrom<Fate>('ok', 'late', 'dead', 'dropped', 'pending', 'unknown'));

property.prop([rpc])('balance holds for any mix of outcomes of calls', (fates) => {
  const witnesses = truthful('rpc', fates);
  expect(failing(witnesses)).toEqual([]);
  const counts = witnesses.requests.count();
  expect(outcomes.reduce((sum, outcome) => sum + counts[outcome], 0)).toBe(fates.length);
});

property.prop([event])(
  'balance holds for any mix of outcomes of events, and settle changes none of them',
  (fates) => {
    const witnesses = truthful('event', fates);
    const before = witnesses.requests.count();
    expect(settle(witnesses, 100)).toEqual({ recovered: 0, lost: 0 });
    expect(witnesses.requests.count()).toEqual(before);
    expect(failing(witnesses)).toEqual([]);
  },
);

property.prop([event.filter((fates) => fates.some(hasEffect))])(
  'settle recovers what a broker crash swallowed, from the effect log',
  (fates) => {
    const witnesses = truthful('event', fates);
    const swallowed = fates.flatMap((fate, index) => (hasEffect(fate) ? [index] : []));
    for (const index of swallowed) witnesses.requests.decide(index, 'pending');
    expect(settle(witnesses, 10)).toEqual({ recovered: swallowed.length, lost: 0 });
    expect(witnesses.requests.count().ok).toBe(swallowed.length);
    expect(failing(witnesses)).toEqual([]);
  },
);

test.each([
  [10, 'ok'],
  [9.9, 'late'],
] as const)(
  'settle judges a recovered effect after 10 ms by the deadline of %d ms: %s',
  (deadlineMs, outcome) => {
    const witnesses = truthful('event', ['ok']);
    witnesses.requests.decide(0, 'unknown');
    settle(witnesses, deadlineMs);
    expect(witnesses.requests.outcome(0)).toBe(outcome);
  },
);

test('settle counts an accepted event as lost when nobody has it', () => {
  const witnesses = truthful('event', ['ok', 'pending']);
  const settlement = settle(
    { ...witnesses, remains: { pending: new Set(), dead: new Set(), stuck: 0 } },
    100,
  );
  expect(settlement).toEqual({ recovered: 0, lost: 1 });
  expect(failing(witnesses, settlement.lost)).toEqual(['no accepted event is lost']);
});

test('settle takes a dead letter for an outcome, and leaves an unanswered call unknown', () => {
  const events = truthful('event', ['dead']);
  events.requests.decide(0, 'pending');
  expect(settle(events, 100)).toEqual({ recovered: 1, lost: 0 });
  expect(events.requests.outcome(0)).toBe('dead');
  const calls = truthful('rpc', ['ok']);
  calls.requests.decide(0, 'unknown');
  settle(calls, 100);
  expect(calls.requests.outcome(0)).toBe('unknown');
});

test('balance finds an ok without an effect', () => {
  const witnesses = truthful('rpc', ['ok', 'ok']);
  witnesses.effects.firstAtMs[1] = Number.NaN;
  expect(failing(witnesses)).toEqual(['every ok or late request has an effect']);
});

test('balance finds an effect that nobody asked for, and one that was counted but not logged', () => {
  const witnesses = truthful('rpc', ['ok']);
  expect(failing({ ...witnesses, effects: { ...witnesses.effects, strays: 1 } })).toEqual([
    'no effect without a request',
  ]);
  witnesses.counters.effects = 2;
  expect(failing(witnesses)).toEqual(['the effect log holds what downstream counted']);
});

test('balance finds a request without a line, or with two', () => {
  const missing = truthful('rpc', ['ok']);
  missing.requests.recorded = 0;
  expect(failing(missing)).toEqual(['every offered request has one outcome']);
  const twice = truthful('rpc', ['ok']);
  twice.requests.strays = 1;
  expect(failing(twice)).toEqual(['every offered request has one outcome']);
});

test.each([
  ['one answer more than the generator got', 2, 0, false],
  ['one answer more, where one request is unknown', 2, 1, true],
  ['one answer fewer', 0, 0, false],
] as const)('balance with a gateway that counted %s', (_, gateway, unknown, ok) => {
  const fates: Fate[] = unknown ? ['ok', 'unknown'] : ['ok'];
  const witnesses = truthful('rpc', fates);
  witnesses.counters.gateway = { ok: gateway, failed: 0, timeout: 0, rejected: 0 };
  expect(failing(witnesses).length === 0).toBe(ok);
});

test.each([
  ['one event more than the generator has an answer for', 2, 0, false],
  ['one event more, where one request has no answer', 2, 1, true],
  ['two events more, where one request has no answer', 3, 1, false],
  ['one event fewer', 0, 1, false],
] as const)('balance with a publisher that accepted %s', (_, published, unanswered, ok) => {
  const witnesses = truthful('event', ['ok', 'unknown']);
  witnesses.counters.publisher = { accepted: published, duplicate: 0, dropped: 0 };
  witnesses.requests.unanswered = unanswered;
  // As the generator counted before the other witnesses were heard.
  const summary = { ...witnesses.summary, outcomes: { ok: 1, unknown: 1 } };
  expect(failing({ ...witnesses, summary }).length === 0).toBe(ok);
});

test('balance does not compare the counters of a service that was restarted', () => {
  const witnesses = truthful('rpc', ['ok']);
  witnesses.counters.gateway = { ok: 0, failed: 0, timeout: 0, rejected: 0 };
  expect(failing(witnesses)).toEqual(['gateway and generator agree on ok']);
  witnesses.counters.partial = { gateway: 'it was killed' };
  expect(failing(witnesses)).toEqual([]);
});

test.each([
  ['as many as its caller made', 3, ''],
  ['fewer than its caller made', 1, '2 never got there: no connection, or cut off first'],
  ['more than its caller made', 4, 'the witnesses differ'],
] as const)('balance with attempts that downstream saw, %s', (_, downstream, note) => {
  const name = 'downstream saw no attempt that its caller did not make';
  for (const [path, caller] of [
    ['rpc', 'gateway'],
    ['event', 'consumer'],
  ] as const) {
    const witnesses = truthful(path, ['ok', 'ok', 'ok']);
    witnesses.counters.attempts = { gateway: 0, consumer: 0, [caller]: 3, downstream };
    expect(balance(witnesses, 0).checks.find((check) => check.name === name)).toEqual({
      name,
      ok: downstream <= 3,
      witnesses: { [`${caller}, attempts made`]: 3, 'downstream, attempts seen': downstream },
      note,
    });
    for (const service of [caller, 'downstream'] as const) {
      witnesses.counters.partial = { [service]: 'it was killed' };
      expect(balance(witnesses, 0).checks.find((check) => check.name === name)).toMatchObject({
        ok: true,
        note: 'it was killed: not compared',
      });
    }
  }
});

test('balance finds a publisher that disagrees, a consumer that did too little, and a stuck message', () => {
  const witnesses = truthful('event', ['ok']);
  witnesses.counters.publisher = { accepted: 0, duplicate: 0, dropped: 0 };
  witnesses.counters.consumer = { ok: 0, dead: 0 };
  const stuck = { ...witnesses, remains: { pending: new Set<number>(), dead: new Set<number>(), stuck: 1 } };
  expect(failing(stuck)).toEqual([
    'publisher and generator agree on accepted',
    'consumer finished what the generator counts as finished',
    'no message is stuck in the stream',
  ]);
});
