import { expect, test } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { refuseOtherClock } from '#lab/testbed/attach/clocks.ts';

/** Asks a service whose clock is `offsetMs` ahead of ours, and whose answer is 20 ms on its way there and back. */
async function ask(offsetMs: number) {
  const clock = new VirtualClock();
  await clock.advance(5000);
  const nowMs = async () => {
    await clock.advance(10);
    const answer = clock.now() + offsetMs;
    await clock.advance(10);
    return answer;
  };
  return refuseOtherClock('gateway', 'http://far:4111', { nowMs }, clock);
}

test.each([-11, -10, 0, 10, 11])(
  'refuseOtherClock takes a clock that may be the same: %d ms',
  async (offsetMs) => {
    await expect(ask(offsetMs)).resolves.toBeUndefined();
  },
);

test.each([
  [-12, '2 ms'],
  [12, '2 ms'],
  [3_600_000, '60 min'],
])('refuseOtherClock refuses one that is not: %d ms', async (offsetMs, off) => {
  await expect(ask(offsetMs)).rejects.toMatchObject({
    name: 'clock-differs',
    message: expect.stringMatching(
      new RegExp(`gateway at http://far:4111 .*${off.replace(' ', '\\s')}.*one machine`),
    ),
  });
});
