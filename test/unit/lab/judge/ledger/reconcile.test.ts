import { fc, test as property } from '@fast-check/vitest';
import { describe, expect, test } from 'vitest';
import type { Outcome } from '#kit/wire.ts';
import { reconcile } from '#lab/judge/ledger/reconcile.ts';
import { failing, hasEffect, type Truth, truthful } from './truthful.ts';

const event = fc.array(
  fc.constantFrom<Outcome>('ok', 'late', 'dead', 'dropped', 'pending', 'unknown', 'unsent'),
);

property.prop([event.filter((outcomes) => outcomes.some(hasEffect))])(
  'reconcile recovers completions that a broker crash lost, from the effect log',
  (outcomes) => {
    const witnesses = truthful('event', outcomes);
    const swallowed = outcomes.flatMap((outcome, index) => (hasEffect(outcome) ? [index] : []));
    for (const index of swallowed) witnesses.requests.decide(index, 'pending');
    expect(reconcile(witnesses)).toEqual({ recovered: swallowed.length, lost: 0 });
    expect(swallowed.map((index) => witnesses.requests.outcome(index))).toEqual(outcomes.filter(hasEffect));
    expect(failing(witnesses)).toEqual([]);
  },
);

test.each([
  [10, 'ok'],
  [9.9, 'late'],
] as const)(
  'reconcile judges a recovered effect after 10 ms by a deadline of %d: %s',
  (deadlineMs, outcome) => {
    const witnesses = truthful('event', ['ok']);
    witnesses.requests.decide(0, 'unknown');
    reconcile({ ...witnesses, deadlineMs });
    expect(witnesses.requests.outcome(0)).toBe(outcome);
  },
);

test.each([
  [200, 'late'],
  [199.9, 'pending'],
] as const)(
  'reconcile takes an event with an effect after 200 ms, if the drain ended at %d ms, for %s',
  (elapsedMs, outcome) => {
    const witnesses = truthful('event', ['late']);
    witnesses.requests.decide(0, 'pending');
    const { lost } = reconcile({ ...witnesses, summary: { ...witnesses.summary, elapsedMs } });
    expect([witnesses.requests.outcome(0), lost]).toEqual([outcome, 0]);
    expect(witnesses.requests.completedMs()).toHaveLength(outcome === 'late' ? 1 : 0);
    expect(failing(witnesses)).toEqual([]);
  },
);

test('reconcile counts an accepted event as lost when no witness has it', () => {
  const witnesses = truthful('event', ['ok', 'pending']);
  const reconciliation = reconcile({ ...witnesses, remains: { ...witnesses.remains, pending: new Set() } });
  expect(reconciliation).toEqual({ recovered: 0, lost: 1 });
  expect(failing(witnesses, reconciliation.lost)).toEqual(['no accepted event is lost']);
});

describe('reconcile of an event that was dead and was redriven', () => {
  /** Returns the reports on a redriven event. The generator knows only that it was dead-lettered before the redrive. */
  const witnesses = (outcome: Outcome) => {
    const truth = truthful('event', [outcome]);
    truth.requests.decide(0, 'dead');
    return { ...truth, redriven: { requests: new Set([0]), deadLetters: 1, doubtful: 0 } };
  };
  const reconciled = (truth: ReturnType<typeof witnesses>) => {
    const { recovered, lost } = reconcile(truth);
    return [truth.requests.outcome(0), recovered, lost];
  };

  test('leaves it dead while it has a dead letter, even if it had an effect', () => {
    const truth = witnesses('ok');
    truth.remains.dead.add(0);
    expect(reconciled(truth)).toEqual(['dead', 0, 0]);
  });

  test('recovers its effect', () => {
    expect(reconciled(witnesses('ok'))).toEqual(['ok', 1, 0]);
  });

  test('takes it for pending while it is in the stream, even if it had an effect before', () => {
    const truth = witnesses('ok');
    truth.remains.pending.add(0);
    expect(reconciled(truth)).toEqual(['pending', 0, 0]);
    expect(reconciled(witnesses('pending'))).toEqual(['pending', 0, 0]);
  });

  test('counts it as lost when no witness has it', () => {
    const truth = witnesses('dead');
    truth.remains.dead.clear();
    expect(reconciled(truth)).toEqual(['pending', 0, 1]);
  });

  test('leaves an event alone that was not redriven', () => {
    const truth = truthful('event', ['ok']);
    truth.requests.decide(0, 'dead');
    reconcile(truth);
    expect(truth.requests.outcome(0)).toBe('dead');
  });
});

describe('reconcile of an event with an effect and no completion', () => {
  /** Reconciles an event that has an effect, while the generator received no completion. */
  const reconciled = (edit: (truth: Truth) => void, known: Outcome = 'pending') => {
    const truth = truthful('event', ['ok']);
    truth.requests.decide(0, known);
    edit(truth);
    const { recovered, lost } = reconcile(truth);
    return [truth.requests.outcome(0), recovered, lost];
  };
  const nothing = () => undefined;

  test.each<[string, (truth: Truth) => void, Outcome, number]>([
    ['is completed once its message has left the stream', nothing, 'ok', 1],
    ['is pending while it is in the stream', ({ remains }) => remains.pending.add(0), 'pending', 0],
    ['is completed where the broker kept its message', ({ remains }) => remains.behind.push('r0'), 'ok', 1],
    ['is dead with a dead letter', ({ remains }) => remains.dead.add(0), 'dead', 1],
    [
      'is dead with a dead letter, also while the acknowledgement of its message is missing',
      ({ remains }) => remains.pending.add(0) && remains.dead.add(0),
      'dead',
      1,
    ],
  ])('%s', (_, edit, outcome, recovered) => {
    for (const known of ['pending', 'unknown'] as const)
      expect(reconciled(edit, known)).toEqual([outcome, recovered, 0]);
  });

  test('is completed at the first effect whose caller still waited', () => {
    const late = (truth: Truth) => truth.effects.answeredAtMs.fill(1000 + 101);
    expect(reconciled(late)).toEqual(['late', 1, 0]);
  });
});

test('reconcile makes no completion of a call whose caller timed out, even if it had an effect', () => {
  const truth = truthful('rpc', ['ok', 'ok', 'ok']);
  const ends = ['timeout', 'failed', 'unknown'] as const;
  for (const [index, end] of ends.entries()) truth.requests.decide(index, end);
  expect(reconcile(truth)).toEqual({ recovered: 0, lost: 0 });
  expect(ends.map((_, index) => truth.requests.outcome(index))).toEqual(ends);
});

test('reconcile leaves an acknowledged event without an effect to the check for stuck events', () => {
  const truth = truthful('event', ['pending']);
  truth.remains.pending.clear();
  truth.remains.behind.push('r0');
  expect(reconcile(truth)).toEqual({ recovered: 0, lost: 0 });
  expect(failing(truth)).toEqual(['no event is stuck in the stream']);
});

test('reconcile takes a dead letter for an outcome, and leaves an unanswered call unknown', () => {
  const events = truthful('event', ['dead']);
  events.requests.decide(0, 'pending');
  expect(reconcile(events)).toEqual({ recovered: 1, lost: 0 });
  expect(events.requests.outcome(0)).toBe('dead');
  const calls = truthful('rpc', ['ok']);
  calls.requests.decide(0, 'unknown');
  reconcile(calls);
  expect(calls.requests.outcome(0)).toBe('unknown');
});
