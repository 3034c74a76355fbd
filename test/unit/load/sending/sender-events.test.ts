import { describe, expect, test } from 'vitest';
import { accepted, deadlineMs, rig } from './sender-rig.ts';

describe('Sender.reported', () => {
  test('an accepted event is pending until its completion arrives', async () => {
    const { clock, send, answer, completion, ledger, ended } = rig('event');
    send();
    answer(0, 202, '{"seq":1,"duplicate":false}');
    expect(ledger.counts(0)).toMatchObject({ inFlight: 0, outcomes: { pending: 1 } });
    await clock.advance(50);
    completion(0);
    expect(ended).toEqual([
      expect.objectContaining({ outcome: 'ok', status: 202, attempts: 2, endedAtMs: 50 }),
    ]);
    expect(ledger.counts(0).outcomes).toEqual({ ok: 1 });
  });

  test('a completion after the deadline is late, that of a dead letter is dead', async () => {
    const { clock, send, answer, completion, ledger } = rig('event');
    for (const index of [0, 1]) {
      send();
      answer(index, 202);
    }
    await clock.advance(deadlineMs + 1);
    completion(0);
    completion(1, 'dead');
    expect(ledger.counts(0).outcomes).toEqual({ late: 1, dead: 1 });
  });

  test('a completion that arrives before the answer counts from its own arrival, once the answer is there', async () => {
    const { clock, send, answer, completion, ended, ledger } = rig('event');
    send();
    completion(0);
    expect(ended).toEqual([]);
    await clock.advance(deadlineMs + 1);
    answer(0, 202);
    expect(ended).toEqual([expect.objectContaining({ outcome: 'ok', endedAtMs: 0, status: 202 })]);
    expect(ledger.accepted).toBe(1);
  });

  test('a completion decides an outcome that the publisher did not know', () => {
    const { send, answer, exchanges, completion, ledger } = rig('event');
    send();
    send();
    answer(0, 504);
    exchanges[1]!.sending();
    exchanges[1]!.broken(new Error('reset'));
    expect(ledger.counts(0).outcomes).toEqual({ unknown: 2 });
    completion(0);
    completion(1);
    expect(ledger.counts(0).outcomes).toEqual({ ok: 2 });
  });

  test('does not wait for the completion of an unsent event: it is dropped, without an attempt', () => {
    const { send, exchanges, ended } = rig('event');
    send();
    exchanges[0]!.broken(new Error('refused'));
    expect(ended).toEqual([expect.objectContaining({ outcome: 'dropped', attempts: 0 })]);
  });
});

describe('Sender counts the attempts of an event', () => {
  const id = 'r0';

  test('by adding up those of its deliveries, also where they overtake the answer', () => {
    const { send, answer, sender, ended } = rig('event');
    send();
    sender.reported({ id, outcome: 'redelivered', delivery: 1, attempts: 2 });
    sender.reported({ id, outcome: 'redelivered', delivery: 2, attempts: 0 });
    expect(ended).toEqual([]);
    sender.reported({ id, outcome: 'ok', delivery: 3, attempts: 1 });
    answer(0, 202);
    expect(ended).toMatchObject([{ outcome: 'ok', attempts: 3 }]);
  });

  test('as unknown where a delivery was not reported', () => {
    const { sender, ended } = accepted();
    sender.reported({ id, outcome: 'ok', delivery: 13, attempts: 1 });
    expect(ended).toMatchObject([{ outcome: 'ok', attempts: undefined }]);
  });
});

describe('Sender on the event path', () => {
  test('counts accepted events, duplicates among them, and the time until they were accepted', async () => {
    const { clock, send, answer, ledger } = rig('event');
    for (const _ of [0, 1, 2, 3]) send();
    await clock.advance(5);
    answer(0, 202, '{"seq":1,"duplicate":false}');
    await clock.advance(2);
    answer(1, 202, '{"seq":1,"duplicate":true}');
    answer(2, 202, 'gibberish');
    answer(3, 503);
    expect([ledger.accepted, ledger.duplicates, ledger.acceptedMs]).toEqual([3, 1, 5 + 7 + 7]);
  });

  test('ignores completions that repeat, of strangers, and of ended requests', () => {
    const { send, answer, completion, sender, ended } = rig('event');
    send();
    sender.reported({ id: 'w0', outcome: 'ok', attempts: 1 });
    completion(0, 'ok');
    completion(0, 'dead');
    answer(0, 202);
    completion(0, 'dead');
    expect(ended).toEqual([expect.objectContaining({ outcome: 'ok' })]);
  });
});
