import { describe, expect, test } from 'vitest';
import { traceparents } from '#kit/http/request.ts';
import { deadlineMs, rig } from './sender-rig.ts';

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
        `traceparent: ${traceparents(3, 'run')(7)}`,
        'content-length: 11',
        '',
        '{"id":"r7"}',
      ].join('\r\n'),
    ]);
  });

  test('without a seed traces as a warm-up', () => {
    const { sender, texts } = rig('rpc');
    sender.send('w7', 7, 0);
    expect(texts[0]).toContain(`\r\ntraceparent: ${traceparents(0, 'warm')(7)}\r\n`);
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

  test('gives the connection back and sends what is due before it deals with an answer', () => {
    const { send, answer, order, free } = rig('rpc', 1);
    send();
    answer(0, 200);
    expect(order).toEqual(['give', 'first', 'ended']);
    expect(free).toHaveLength(1);
  });

  test.each([
    [deadlineMs, 'ok'],
    [deadlineMs + 1, 'late'],
  ] as const)(
    'an effect after %i ms is %s, with attempts and latency from the due time',
    async (ms, outcome) => {
      const { clock, send, answer, ended } = rig('rpc');
      send();
      await clock.advance(ms);
      answer(0, 200, '', 3);
      expect(ended).toEqual([expect.objectContaining({ outcome, status: 200, attempts: 3, endedAtMs: ms })]);
    },
  );

  test('a broken connection leaves the outcome of a call unknown', () => {
    const { send, exchanges, ended } = rig('rpc');
    send();
    exchanges[0]!.sending();
    exchanges[0]!.broken(new Error('reset'));
    expect(ended).toMatchObject([{ outcome: 'unknown', status: 0, attempts: undefined }]);
  });

  test('a call that never left has failed', () => {
    const { send, exchanges, ended } = rig('rpc');
    send();
    exchanges[0]!.broken(new Error('refused'));
    expect(ended).toMatchObject([{ outcome: 'failed', status: 0, attempts: 0 }]);
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
