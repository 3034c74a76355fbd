import { fc, test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { rig } from './sender-rig.ts';

const event = fc.record({
  what: fc.constantFrom('send', 'answer', 'sending', 'broken', 'completion', 'advance'),
  which: fc.nat(30),
  status: fc.constantFrom(200, 202, 429, 500, 502, 503, 504),
  dead: fc.boolean(),
});

test.prop([
  fc.constantFrom('rpc' as const, 'event' as const),
  fc.nat(10),
  fc.array(event, { maxLength: 100 }),
])('in any sequence the ledger balances and each request ends once', async (path, connections, events) => {
  const { clock, sender, exchanges, ended, free, send, answer, completion, balance } = rig(path, connections);
  const answered = new Set<number>();
  for (const { what, which, status, dead } of events) {
    const waiting = which < exchanges.length && !answered.has(which);
    if (what === 'send') send();
    if (what === 'advance') await clock.advance(which);
    if (what === 'completion') completion(which, dead ? 'dead' : 'ok');
    if (what === 'sending' && waiting) exchanges[which]!.sending();
    if (what === 'answer' && waiting) answer(which, status);
    if (what === 'broken' && waiting) exchanges[which]!.broken(new Error('x'));
    if (what === 'answer' || what === 'broken') answered.add(which);
    expect(balance().sum).toBe(balance().offered);
  }
  sender.settle();
  const { offered, sum } = balance();
  expect(sum).toBe(offered);
  expect(ended.map(({ index }) => index).sort((a, b) => a - b)).toEqual(
    Array.from({ length: offered }, (_, i) => i),
  );
  expect(ended.every(({ outcome }) => outcome)).toBe(true);
  expect(free).toHaveLength(connections);
});
