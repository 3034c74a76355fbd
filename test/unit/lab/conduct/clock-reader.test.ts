import { expect, test } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { clockReader, comparesWallClocks, wallClocksOf } from '#lab/conduct/clock-reader.ts';
import type { VariantTestbed } from '#lab/conduct/variant-testbed.ts';
import type { Ping } from '#lab/evidence/clocks.ts';
import type { Variant } from '#lab/experiment/schema.ts';

/** Clocks of processes, whose pings take 1 ms there and back. A process without an offset does not respond. */
function clocks(offsets: Readonly<Record<string, number | undefined>>) {
  const clock = new VirtualClock();
  const own: Record<string, number | undefined> = { ...offsets };
  const pings = Object.keys(own).map((name) => {
    const ping = async (): Promise<Ping> => {
      const offsetMs = own[name];
      if (offsetMs === undefined) throw new Error(`${name} does not answer`);
      const sentAtMs = clock.now();
      await clock.advance(1);
      const ownMs = clock.now() + offsetMs;
      await clock.advance(1);
      const times = { sentAtMs, receivedAtMs: ownMs, answeredAtMs: ownMs, returnedAtMs: clock.now() };
      return { ...times, clockId: `${name} ${offsetMs}` };
    };
    return [name, ping] as const;
  });
  return { clock, reader: clockReader({ processes: new Map(pings), clock }) };
}

test('clockReader converts times of each process, before the second reading and after it', async () => {
  const { clock, reader } = clocks({ downstream: 5000, gateway: -3 });
  await reader.read();
  expect(reader.toLab('downstream', 5040)).toBeCloseTo(40);
  await clock.advance(10_000);
  await reader.read();
  expect(reader.toLab('downstream', 10_000)).toBeCloseTo(5000);
  expect(reader.toLab('gateway', 1997)).toBeCloseTo(2000);
  expect(reader.toLab('generator', 7)).toBe(7);
  const { processes } = reader.record(new Map([['downstream', 12]]));
  expect(processes).toMatchObject([
    { process: 'downstream', effects: 12, readings: [{ errorMs: expect.closeTo(1, 1) }, {}] },
    { process: 'gateway', readings: [{}, {}] },
  ]);
});

test('clockReader.read rejects if a process does not respond', async () => {
  await expect(clocks({ downstream: undefined }).reader.read()).rejects.toThrow('downstream does not answer');
});

test('clockReader.notLater is never after the same time on the clock of the process', async () => {
  const { reader } = clocks({ downstream: 5000 });
  expect(reader.notLater('downstream', 100)).toBe(100);
  await reader.read();
  const ms = reader.notLater('downstream', 100);
  expect(ms).toBeLessThan(5099);
  expect(ms).toBeGreaterThan(4000);
});

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

test('wallClocksOf reads the broker and the consumers', async () => {
  const ahead = (nowMs: number) => new Date(9_000_500.75 + nowMs).toISOString();
  const [broker, consumer] = await wallClocksOf(testbed(ahead));
  expect([broker, consumer]).toMatchObject([{ process: 'broker' }, { process: 'consumer' }]);
  expect(Math.abs(broker!.offsetMs - 9_000_500.75)).toBeLessThanOrEqual(broker!.errorMs);
  expect(Math.abs(consumer!.offsetMs - 9_000_000.25)).toBeLessThanOrEqual(consumer!.errorMs);
  expect(broker!.errorMs).toBeLessThan(1.6);
});

test('wallClocksOf reads nothing if the broker does not tell its time', async () => {
  expect(await wallClocksOf(testbed(() => undefined))).toEqual([]);
});

test('comparesWallClocks is true for the policy `deadline` on the path `event`', () => {
  const policies = [{ timeout: { ms: 1 } }, { deadline: { marginMs: 0, leastMs: 0 } }];
  const without = policies.slice(0, 1);
  const compares = (variant: object) => comparesWallClocks(variant as Variant);
  expect(compares({ path: 'event', policies })).toBe(true);
  expect(compares({ path: 'rpc', policies })).toBe(false);
  expect(compares({ path: 'event', policies: without })).toBe(false);
  expect(compares({ path: 'event', policies: without, changes: [{ atMs: 5, policies }] })).toBe(true);
});
