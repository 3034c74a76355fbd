import { expect, test } from 'vitest';
import type { Reply } from '#downstream/answer.ts';
import { haltProcess } from '#downstream/faults/attempts.ts';
import { deliveryFaults } from '#downstream/faults/deliveries.ts';
import type { Clock } from '#kit/clock.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';

/** Has a body of `length` bytes answered within `ms`. `came` records each piece with its time. */
function answer(length: number, ms: number, clock: Clock) {
  const came: { atMs: number; text: string; isEnd: boolean }[] = [];
  const heard = (isEnd: boolean) => (text: string) => void came.push({ atMs: clock.now(), text, isEnd });
  const body = Array.from({ length }, (_, index) => index % 10).join('');
  const effect = deliveryFaults['slow-body'].create({ ms, ratio: 1 }, clock, haltProcess);
  const reply = { begin: () => ({ write: heard(false), end: heard(true) }) } as unknown as Reply;
  effect.deliver!(reply, { status: 200, contentType: 'application/json', body });
  return { effect, came, body };
}

test('slowBody sends the last byte when the time is over and all others before, whatever the length', async () => {
  for (let length = 1; length <= 200; length++) {
    const clock = new VirtualClock();
    const { came, body } = answer(length, 1000, clock);
    await clock.run();
    expect(came.map(({ text }) => text).join('')).toBe(body);
    const bytes = came.filter(({ text }) => text !== '');
    expect([length, bytes.at(-1)]).toMatchObject([length, { atMs: 1000, isEnd: true }]);
    // No piece is longer than a tenth of the body, rounded up.
    expect(Math.max(...bytes.map(({ text }) => text.length))).toBeLessThanOrEqual(Math.ceil(length / 10));
  }
});

test('slowBody is late by its last timer and not by all of them', async () => {
  const clock = new VirtualClock();
  const late: Clock = {
    now: () => clock.now(),
    after: (ms, callback) => clock.after(ms + 7, callback),
    cancel: (timer) => clock.cancel(timer),
    wallTime: () => clock.wallTime(),
  };
  const { came } = answer(30, 1000, late);
  await clock.run();
  expect(came.at(-1)).toMatchObject({ atMs: 1007, isEnd: true });
});

test('slowBody ends an answer once, also where the fault is over before that is out', async () => {
  const clock = new VirtualClock();
  const { effect, came } = answer(30, 1000, clock);
  await clock.run();
  effect.end!();
  expect(came.filter(({ isEnd }) => isEnd)).toHaveLength(1);
});

test('slowBody sends nothing more once it has sent the rest, because the fault is over', async () => {
  const clock = new VirtualClock();
  const { effect, came, body } = answer(30, 1000, clock);
  await clock.advance(450);
  effect.end!();
  expect(came.map(({ text }) => text).join('')).toBe(body);
  await clock.run();
  expect(came.at(-1)).toMatchObject({ atMs: 450, isEnd: true });
});
