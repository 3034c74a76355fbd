import { describe, expect, test } from 'vitest';
import { deadlineMs, rig } from './sender-rig.ts';

const accepted = () => {
  const it = rig('event', 100, 1, true);
  it.send();
  it.answer(0, 202);
  return it;
};

describe('Sender, where events may be redriven,', () => {
  test('keeps one that is dead open until it is done', async () => {
    const { clock, news, ledger, ended, sender } = accepted();
    news(0, 'dead');
    expect([ledger.counts(0).outcomes, ended, sender.open]).toEqual([{ dead: 1 }, [], 1]);
    await clock.advance(deadlineMs + 1);
    news(0, 'dead'); // again
    news(0);
    expect(ledger.counts(0).outcomes).toEqual({ late: 1 });
    expect(ended).toMatchObject([{ outcome: 'late', endedAtMs: deadlineMs + 1 }]);
    expect(sender.open).toBe(0);
  });

  test('has one that was redriven in time ok', () => {
    const { news, ended } = accepted();
    news(0, 'dead');
    news(0);
    expect(ended).toMatchObject([{ outcome: 'ok' }]);
  });

  test('settles one that stays dead as dead, since when it was last heard to be', async () => {
    const { clock, news, ended, sender, balance } = accepted();
    await clock.advance(5);
    news(0, 'dead');
    await clock.advance(5);
    sender.settle();
    expect(ended).toMatchObject([{ outcome: 'dead', endedAtMs: 5 }]);
    expect([sender.open, balance()]).toEqual([0, { offered: 1, sum: 1 }]);
  });

  test('settles one whose death was heard before the answer', async () => {
    const { clock, send, news, ended, sender } = rig('event', 100, 1, true);
    send();
    await clock.advance(5);
    news(0, 'dead');
    sender.settle();
    expect(ended).toMatchObject([{ outcome: 'dead', endedAtMs: 5 }]);
    expect(sender.open).toBe(0);
  });

  test('takes later news of one whose death was heard before the answer', () => {
    const { send, answer, news, ended } = rig('event', 100, 1, true);
    send();
    news(0, 'dead');
    news(0);
    news(0, 'dead');
    answer(0, 202);
    expect(ended).toMatchObject([{ outcome: 'ok' }]);
  });
});
