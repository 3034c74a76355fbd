import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { sleep } from '#kit/clock.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';

function scheduled(...times: number[]) {
  const clock = new VirtualClock();
  const seen: string[] = [];
  const timers = times.map((ms, index) => clock.after(ms, () => seen.push(`${index} at ${clock.now()}`)));
  return { clock, seen, timers };
}

test('VirtualClock runs callbacks in the order of their times, equal ones in the order they came', async () => {
  const { clock, seen } = scheduled(30, 10, 20, 10, -5);
  await clock.run();
  expect(seen).toEqual(['4 at 0', '1 at 10', '3 at 10', '2 at 20', '0 at 30']);
});

test('VirtualClock.advance runs the timers up to and including the limit, and ends at its time', async () => {
  const { clock, seen } = scheduled(10, 10.5);
  await clock.advance(9.9);
  expect(seen).toEqual([]);
  await clock.advance(0.1);
  expect(seen).toEqual(['0 at 10']);
  await clock.advance(5);
  expect(seen).toEqual(['0 at 10', '1 at 10.5']);
  expect(clock.now()).toBe(15);
});

test('VirtualClock runs what callbacks and promises schedule on the way', async () => {
  const clock = new VirtualClock();
  const seen: number[] = [];
  const loop = async () => {
    for (let i = 0; i < 3; i++) {
      await sleep(10, clock);
      seen.push(clock.now());
    }
  };
  const end = loop();
  await clock.advance(25);
  expect(seen).toEqual([10, 20]);
  await clock.run();
  expect(seen).toEqual([10, 20, 30]);
  await end;
});

test('VirtualClock.cancel forgets a callback, before its time and after', async () => {
  const { clock, seen, timers } = scheduled(10, 20);
  clock.cancel(timers[0]);
  expect(clock.pending).toBe(1);
  await clock.run();
  clock.cancel(timers[1]);
  expect(seen).toEqual(['1 at 20']);
  expect(clock.pending).toBe(0);
});

test('VirtualClock.runUntil moves time until the promise settles and no further, and settles like it', async () => {
  const { clock, seen } = scheduled(10, 30);
  expect(await clock.runUntil(sleep(20, clock).then(() => 'slept'))).toBe('slept');
  expect([clock.now(), seen]).toEqual([20, ['0 at 10']]);
  const failing = sleep(5, clock).then(() => Promise.reject(new Error('failed')));
  await expect(clock.runUntil(failing)).rejects.toThrow('failed');
});

test('VirtualClock.runUntil waits for promises first, even in a callback of the event loop', async () => {
  const clock = new VirtualClock();
  const work = async () => {
    for (let i = 0; i < 10; i++) await Promise.resolve();
    await sleep(20, clock);
  };
  await new Promise((resolve) => setImmediate(() => resolve(clock.runUntil(work()))));
  expect(clock.now()).toBe(20);
});

test('VirtualClock.runUntil rejects once nothing can settle the promise any more', async () => {
  const { clock } = scheduled(10);
  await expect(clock.runUntil(new Promise(() => {}))).rejects.toThrow(
    'virtual time stands still at 0.01 s: something waits for',
  );
});

test('VirtualClock.hold lets no time pass during work in real time, nor after it failed', async () => {
  const { clock, seen } = scheduled(1, 2);
  const times: number[] = [];
  const work = async () => {
    await sleep(1, clock);
    await clock.hold(readFile(import.meta.filename));
    times.push(clock.now());
    await clock.hold(readFile('/nowhere')).catch(() => undefined);
    times.push(clock.now());
  };
  await clock.runUntil(work());
  expect([times, seen]).toEqual([[1, 1], ['0 at 1']]);
});

test('VirtualClock rejects after a million callbacks at one time', async () => {
  const clock = new VirtualClock();
  let count = 0;
  const again = () => {
    count += 1;
    clock.after(0, again);
  };
  clock.after(5, () => undefined); // at another time
  clock.after(1205, again);
  await expect(clock.run()).rejects.toThrow(/^virtual time stands still at 1.205 s after 1000000 steps/);
  expect(count).toBe(1_000_000);
});
