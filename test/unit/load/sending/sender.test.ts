import { describe, expect, test } from 'vitest';
import { traceparents } from '#kit/http/request.ts';
import { accepted, deadlineMs, rig } from './sender-rig.ts';

describe('Sender', () => {
  test('sends the id, what is left of the deadline, a trace and the body', async () => {
    const { clock, sender, texts } = rig('rpc', 1, 3);
    await clock.advance(30);
    sender.send('r7', 7, 10);
    expect(texts).toEqual([
      [
        'POST /rpc HTTP/1.1',
        'host: h:1',
        'content-type: application/json',
        'x-request-id: r7',
        'x-timeout-ms: 80',
        `traceparent: ${traceparents(3)(7)}`,
        'content-length: 11',
        '',
        '{"id":"r7"}',
      ].join('\r\n'),
    ]);
  });

  test('leaves at least 1 ms of the deadline', async () => {
    const { clock, sender, texts } = rig('event');
    await clock.advance(1000);
    sender.send('r7', 7, 10);
    expect(texts[0]).toMatch(/^POST \/events .*x-timeout-ms: 1\r\n/s);
  });

  test('without a free connection a request is unsent', () => {
    const { send, ended, ledger } = rig('rpc', 1);
    send();
    send();
    expect(ended).toMatchObject([{ index: 1, outcome: 'unsent', endedAtMs: Number.NaN, attempts: 0 }]);
    expect(ledger.counts(0)).toMatchObject({ offered: 2, inFlight: 1, outcomes: { unsent: 1 } });
  });

  test('gives the connection back and sends scheduled requests before it handles an answer', () => {
    const { send, answer, order, free } = rig('rpc', 1);
    send();
    answer(0, 200);
    expect(order).toEqual(['give', 'first', 'ended']);
    expect(free).toHaveLength(1);
  });

  test.each([
    [deadlineMs, 'ok'],
    [deadlineMs + 1, 'late'],
  ] as const)('an effect after %i ms is %s, counted from the scheduled time', async (ms, outcome) => {
    const { clock, send, answer, ended } = rig('rpc');
    send();
    await clock.advance(ms);
    answer(0, 200, '', 3);
    expect(ended).toEqual([expect.objectContaining({ outcome, status: 200, attempts: 3, endedAtMs: ms })]);
  });

  test('a broken connection leaves the outcome of a call unknown', () => {
    const { send, exchanges, ended } = rig('rpc');
    send();
    exchanges[0]!.sending();
    exchanges[0]!.broken(new Error('reset'));
    expect(ended).toMatchObject([{ outcome: 'unknown', status: 0, attempts: undefined }]);
  });
});

test('an answer that does not say its attempts leaves them unknown, and one that says 0 does not', () => {
  const { send, answer, ended } = rig('rpc');
  send();
  send();
  answer(0, 503);
  answer(1, 503, '', 0);
  expect(ended.map(({ attempts }) => attempts)).toEqual([undefined, 0]);
});

describe('Sender.settle', () => {
  test('ends open requests with the outcomes that are known', () => {
    const { send, exchanges, answer, completion, sender, ended, free } = rig('event');
    for (const _ of [0, 1, 2, 3, 4]) send();
    exchanges[3]!.sending();
    answer(0, 202);
    answer(1, 504);
    completion(2);
    sender.settle();
    expect(ended.map(({ index, outcome }) => [index, outcome])).toEqual([
      [0, 'pending'],
      [1, 'unknown'],
      [2, 'ok'],
      [3, 'unknown'],
      [4, 'dropped'],
    ]);
    expect(ended[0]!.endedAtMs).toBeNaN();
    expect(sender.open).toBe(0);
    expect(free).toHaveLength(100);
  });

  test('ends only requests scheduled before a time, if one is given', async () => {
    const { clock, send, answer, sender, ended } = rig('event');
    send();
    await clock.advance(10);
    send();
    await clock.advance(10);
    answer(0, 202);
    sender.settle(10);
    expect(ended.map(({ index, outcome }) => [index, outcome])).toEqual([[0, 'pending']]);
    expect(sender.open).toBe(1);
    sender.settle(10.001);
    expect(sender.open).toBe(0);
  });

  test('closes connections that wait for an answer, and no others', () => {
    const { send, answer, sender, order } = rig('event');
    for (const _ of [0, 1, 2]) send();
    answer(0, 202);
    sender.settle();
    expect(order.filter((what) => what === 'close')).toHaveLength(2);
  });
});

describe('Sender, where events may be redriven,', () => {
  test('keeps a dead event open until it completes', async () => {
    const { clock, completion, ledger, ended, sender } = accepted(true);
    completion(0, 'dead');
    expect([ledger.counts(0).outcomes, ended, sender.open]).toEqual([{ dead: 1 }, [], 1]);
    await clock.advance(deadlineMs + 1);
    completion(0, 'dead'); // again
    completion(0);
    expect(ledger.counts(0).outcomes).toEqual({ late: 1 });
    expect(ended).toMatchObject([{ outcome: 'late', endedAtMs: deadlineMs + 1 }]);
    expect(sender.open).toBe(0);
  });

  test('takes an event that was redriven within the deadline for ok', () => {
    const { completion, ended } = accepted(true);
    completion(0, 'dead');
    completion(0);
    expect(ended).toMatchObject([{ outcome: 'ok' }]);
  });

  test('ends an event that stays dead as dead, at the time of the last report', async () => {
    const { clock, completion, ended, sender, balance } = accepted(true);
    await clock.advance(5);
    completion(0, 'dead');
    await clock.advance(5);
    sender.settle();
    expect(ended).toMatchObject([{ outcome: 'dead', endedAtMs: 5 }]);
    expect([sender.open, balance()]).toEqual([0, { offered: 1, sum: 1 }]);
  });
});
