import { describe, expect, test } from 'vitest';
import { rig } from './sender-rig.ts';

describe('Sender.settle', () => {
  test('ends what is open with what is known', () => {
    const { send, exchanges, answer, news, sender, ended, free } = rig('event');
    for (const _ of [0, 1, 2, 3, 4]) send();
    exchanges[3]!.sending();
    answer(0, 202);
    answer(1, 504);
    news(2);
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

  test('ends only what was due before a time, where one is given', async () => {
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
