import { expect, test } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import type { VariantTestbed } from '#lab/conduct/variant-testbed.ts';
import { comparesWallClocks, readWallClocks } from '#lab/conduct/wall-clocks.ts';

/** Testbed whose broker is 500 ms ahead of its consumer. Each ping takes 2 ms. */
function testbed(ts: (nowMs: number) => string | undefined) {
  const clock = new VirtualClock();
  const answered = async <T>(answer: () => T): Promise<T> => {
    await clock.advance(1);
    const value = answer();
    await clock.advance(1);
    return value;
  };
  const info = () => answered(() => ({ ts: ts(clock.now()) }));
  const ping = async () => {
    const sentAtMs = clock.now();
    const wallMs = await answered(() => Math.floor(9_000_000.25 + clock.now()));
    return { sentAtMs, wallMs, returnedAtMs: clock.now() };
  };
  return {
    clock,
    broker: { manager: async () => ({ consumers: { info } }) },
    controls: { consumer: { processes: new Map([['consumer', { ping }]]) } },
  } as unknown as VariantTestbed;
}

test('readWallClocks reads the broker and the consumers', async () => {
  const ahead = (nowMs: number) => new Date(9_000_500.75 + nowMs).toISOString();
  const [broker, consumer] = await readWallClocks(testbed(ahead));
  expect([broker, consumer]).toMatchObject([{ process: 'broker' }, { process: 'consumer' }]);
  expect(Math.abs(broker!.offsetMs - 9_000_500.75)).toBeLessThanOrEqual(broker!.errorMs);
  expect(Math.abs(consumer!.offsetMs - 9_000_000.25)).toBeLessThanOrEqual(consumer!.errorMs);
  expect(broker!.errorMs).toBeLessThan(1.6);
});

test('readWallClocks reads nothing if the broker does not tell its time', async () => {
  expect(await readWallClocks(testbed(() => undefined))).toEqual([]);
});

test('comparesWallClocks is true for the policy `deadline` on the path `event`', () => {
  const policies = [{ timeout: { ms: 1 } }, { deadline: { marginMs: 0, leastMs: 0 } }];
  expect(comparesWallClocks({ path: 'event', policies })).toBe(true);
  expect(comparesWallClocks({ path: 'rpc', policies })).toBe(false);
  expect(comparesWallClocks({ path: 'event', policies: policies.slice(0, 1) })).toBe(false);
});
