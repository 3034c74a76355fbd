import { expect, test } from 'vitest';
import { Leases } from '#kit/leases.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';

function rig() {
  const clock = new VirtualClock();
  const over: string[] = [];
  const leases = new Leases<number>(clock, (name) => over.push(`${name} at ${clock.now()}`));
  return { clock, over, leases };
}

test('Leases say whose time is up, and hold it until it is let go', async () => {
  const { clock, over, leases } = rig();
  leases.hold('a', 1, 100);
  await clock.advance(99);
  expect([over, leases.all]).toEqual([[], [{ name: 'a', leftMs: 1, held: 1 }]]);
  await clock.advance(1);
  expect(over).toEqual(['a at 100']);
  expect(leases.release('a')).toBe(1);
  expect(leases.all).toEqual([]);
});

test('Leases forget what is let go before, and leave no timer', () => {
  const { clock, leases } = rig();
  leases.hold('a', 1, 100);
  expect([leases.release('b'), leases.release('a'), leases.release('a')]).toEqual([undefined, 1, undefined]);
  expect(clock.pending).toBe(0);
});

test('Leases give a name to the latest, with its time', async () => {
  const { clock, over, leases } = rig();
  leases.hold('a', 1, 100);
  await clock.advance(50);
  leases.hold('a', 2, 100);
  await clock.advance(99);
  expect([over, leases.all]).toEqual([[], [{ name: 'a', leftMs: 1, held: 2 }]]);
});
