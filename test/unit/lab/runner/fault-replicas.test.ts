import { expect, test } from 'vitest';
import { type Clock, sleep } from '#kit/clock.ts';
import type { Fault } from '#lab/experiment/schema.ts';
import { fault, setUp } from '../faults/rig.ts';

const replicas = { consumer: 3, downstream: 2 };
const consumers: Fault = { ...fault, target: 'consumer' };

test('a fault of a service does harm to all of its processes at once', async () => {
  const { clock, log, faults } = setUp({ replicas, fault: consumers });
  faults.begin(0);
  await clock.advance(1000);
  expect(log.filter((line) => line.startsWith('consumer'))).toEqual(
    [1, 2, 3].map((index) => `consumer-${index} {} at 150`),
  );
  expect(log.filter((line) => line === 'SIGKILL at 100')).toHaveLength(3);
});

test('a fault of a service harms none of them before the last has been heard', async () => {
  const { clock, log, faults } = setUp({
    replicas,
    fault: consumers,
    scrape: (names, withinMs) => sleep(names?.[0] === 'consumer-2' ? withinMs! : 0, clock),
  });
  faults.begin(0);
  await clock.advance(1000);
  expect(log.filter((line) => line.startsWith('SIGKILL'))).toEqual(Array(3).fill('SIGKILL at 350'));
});

test('a fault of a service is in force from when the last of them was seen to be harmed until the last is mended', async () => {
  const heard: string[] = [];
  let waitMs = 0;
  const later = (clock: Clock) => {
    waitMs += 10;
    return sleep(waitMs, clock);
  };
  const { clock, faults } = setUp({
    replicas,
    fault: consumers,
    kill: later,
    restart: later,
    changed: (active) => heard.push(`${active.map(({ name }) => name)} at ${clock.now()}`),
  });
  faults.begin(0);
  await clock.advance(1000);
  expect(await faults.ended()).toEqual([
    { fault: consumers, done: 'killed', beganAtMs: 130, endedAtMs: 210 },
  ]);
  // In force as long as it is for one.
  expect(heard).toEqual([110, 120, 130, 190, 200].map((ms) => `crash at ${ms}`).concat(' at 210'));
});

test('a fault of a service mends them all where one of them can not be harmed, and says so', async () => {
  let kills = 0;
  const { clock, log, faults } = setUp({
    replicas,
    fault: consumers,
    kill: async () => {
      kills += 1;
      if (kills === 2) throw new Error('no such process');
    },
  });
  faults.begin(0);
  await clock.advance(100);
  await expect(faults.failed).rejects.toThrow('no such process');
  expect(await faults.stop()).toEqual([]);
  const cleared = [1, 2, 3].map((index) => `consumer-${index} {} at 100`);
  expect(log.filter((line) => line.startsWith('consumer')).sort()).toEqual(cleared);
});

test('a fault of one process does harm to that, and to no other', async () => {
  const { clock, log, faults } = setUp({
    replicas,
    faults: [
      { ...fault, target: 'consumer-2', fault: { kind: 'pause' } },
      { ...fault, atMs: 200, target: 'downstream-2', fault: { kind: 'hang', ratio: 1 } },
    ],
  });
  faults.begin(0);
  await clock.advance(1000);
  expect(log.filter((line) => !line.startsWith('scraped'))).toEqual([
    'paused consumer-2 at 100',
    'resumed consumer-2 at 150',
    'consumer-2 caught up at 150',
    'downstream-2 PUT /faults/crash {"leaseMs":50,"fault":{"kind":"hang","ratio":1}} at 200',
    'downstream-2 DELETE /faults/crash undefined at 250',
  ]);
});

test('a fault of a service waits until each of its processes is mended of one before, and one of them alone not for another', async () => {
  const again = (name: string, target: Fault['target']): Fault =>
    ({ ...fault, name, target, atMs: 160 }) as Fault;
  const { clock, faults } = setUp({
    replicas,
    faults: [
      { ...fault, target: 'consumer-1' },
      again('all', 'consumer'),
      again('same', 'consumer-1'),
      again('other', 'consumer-2'),
    ],
    restart: (clock) => sleep(200, clock),
  });
  faults.begin(0);
  await clock.advance(2000);
  const began = (await faults.ended()).map((one) => [one.fault.name, one.beganAtMs]);
  expect(Object.fromEntries(began)).toEqual({ crash: 100, all: 350, same: 350, other: 160 });
});
