import { expect, test } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { ClockReader } from '#lab/conduct/clock-reader.ts';
import type { Ping } from '#lab/evidence/clocks.ts';

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
  return { clock, reader: new ClockReader({ processes: new Map(pings), clock }) };
}

test('ClockReader converts times of each process, before the second reading and after it', async () => {
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

test('ClockReader.read rejects if a process does not respond', async () => {
  await expect(clocks({ downstream: undefined }).reader.read()).rejects.toThrow('downstream does not answer');
});

test('ClockReader.notLater is never after the same time on the clock of the process', async () => {
  const { reader } = clocks({ downstream: 5000 });
  expect(reader.notLater('downstream', 100)).toBe(100);
  await reader.read();
  const ms = reader.notLater('downstream', 100);
  expect(ms).toBeLessThan(5099);
  expect(ms).toBeGreaterThan(4000);
});
