import { expect, test } from 'vitest';
import type { Reply } from '#downstream/answer.ts';
import { haltProcess } from '#downstream/faults/attempts.ts';
import { deliveryFaults } from '#downstream/faults/deliveries.ts';
import type { Clock } from '#kit/clock.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';

/** Sends a body of `length` bytes by the fault `slow-body` of `ms`. `pieces` records each piece with its time. */
function answer(length: number, ms: number, clock: Clock) {
  const pieces: { atMs: number; text: string; isEnd: boolean }[] = [];
  const record = (isEnd: boolean) => (text: string) => void pieces.push({ atMs: clock.now(), text, isEnd });
  const body = Array.from({ length }, (_, index) => index % 10).join('');
  const effect = deliveryFaults['slow-body'].create({ ms, ratio: 1 }, clock, haltProcess);
  const reply = { begin: () => ({ write: record(false), end: record(true) }) } as unknown as Reply;
  effect.deliver!(reply, { status: 200, contentType: 'application/json', body });
  return { effect, pieces, body };
}

test('slowBody sends the last byte when the time is over, and all others before, at any length', async () => {
  for (let length = 1; length <= 200; length++) {
    const clock = new VirtualClock();
    const { pieces, body } = answer(length, 1000, clock);
    await clock.run();
    expect(pieces.map(({ text }) => text).join('')).toBe(body);
    const bytes = pieces.filter(({ text }) => text !== '');
    expect([length, bytes.at(-1)]).toMatchObject([length, { atMs: 1000, isEnd: true }]);
    // No piece is longer than a tenth of the body, rounded up.
    expect(Math.max(...bytes.map(({ text }) => text.length))).toBeLessThanOrEqual(Math.ceil(length / 10));
  }
});
