import { expect, test } from 'vitest';
import { Leases } from '#kit/fault/leases.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';

function rig() {
  const clock = new VirtualClock();
  const over: string[] = [];
  const leases = new Leases<number>(
    clock,
    (name, held) => void over.push(`${name}, ${held}, at ${clock.now()}`),
    (error) => expect.fail(String(error)),
  );
  return { clock, over, leases };
}

test('Leases say whose time is up, and of what, and hold it until it is let go', async () => {
  const { clock, over, leases } = rig();
  leases.hold('a', 1, 100);
  await clock.advance(99);
  expect([over, leases.all]).toEqual([[], [{ name: 'a', leftMs: 1, held: 1 }]]);
  await clock.advance(1);
  expect(over).toEqual(['a, 1, at 100']);
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

test.each(['throws', 'rejects'])(
  'Leases that can not be let go, which %s, are tried again every 250 ms, and the first failure is told',
  async (how) => {
    const clock = new VirtualClock();
    const triedAtMs: number[] = [];
    const failures: Error[] = [];
    const over = (name: string) => {
      triedAtMs.push(clock.now());
      const error = clock.now() < 600 ? new Error('not yet') : undefined;
      if (error && how === 'throws') throw error;
      if (error) return Promise.reject(error);
      leases.release(name);
    };
    const leases = new Leases<number>(clock, over, (error) => failures.push(error as Error));
    leases.hold('a', 1, 100);
    await clock.advance(200);
    expect(leases.all).toEqual([{ name: 'a', leftMs: 0, held: 1 }]);
    await clock.run();
    expect(triedAtMs).toEqual([100, 350, 600]);
    expect(failures.map(({ message }) => message)).toEqual(['not yet']);
    expect([leases.all, clock.pending]).toEqual([[], 0]);
  },
);

test('Leases are not tried again once they are let go, or have gone to another', async () => {
  const clock = new VirtualClock();
  const tried: string[] = [];
  const over = async (name: string) => {
    tried.push(`${name} at ${clock.now()}`);
    throw new Error('never');
  };
  const leases = new Leases<number>(clock, over, () => undefined);
  for (const name of ['a', 'b']) leases.hold(name, 1, 100);
  await clock.advance(100);
  leases.release('a');
  leases.hold('b', 2, 1000);
  await clock.advance(999);
  expect(tried).toEqual(['a at 100', 'b at 100']);
  await clock.advance(1);
  expect(tried.slice(2)).toEqual(['b at 1100']);
});
