import { execFileSync } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { expect, onTestFinished, test, vi } from 'vitest';
import { deadline, sleep, systemClock } from '#kit/clock.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';

const listeners = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;

test('sleep ends after its time and not before, and leaves no listener', async () => {
  const clock = new VirtualClock();
  const { signal } = new AbortController();
  let awake = false;
  const end = sleep(5, clock, signal).then(() => {
    awake = true;
  });
  await clock.advance(4.9);
  expect(awake).toBe(false);
  expect(listeners(signal)).toBe(1);
  await clock.advance(0.1);
  expect(awake).toBe(true);
  expect(listeners(signal)).toBe(0);
  await end;
});

test('sleep rejects with the reason of an abort, and leaves no timer and no listener', async () => {
  const clock = new VirtualClock();
  const controller = new AbortController();
  const end = sleep(5, clock, controller.signal);
  const reason = new Error('enough');
  controller.abort(reason);
  await expect(end).rejects.toBe(reason);
  expect(clock.pending).toBe(0);
  expect(listeners(controller.signal)).toBe(0);
});

test('sleep on a signal that has aborted before rejects and starts nothing', async () => {
  const clock = new VirtualClock();
  const signal = AbortSignal.abort('before');
  await expect(sleep(5, clock, signal)).rejects.toBe('before');
  expect(clock.pending).toBe(0);
  expect(listeners(signal)).toBe(0);
});

test('sleep without a signal ends, too', async () => {
  const clock = new VirtualClock();
  const end = sleep(5, clock);
  await clock.advance(5);
  await expect(end).resolves.toBeUndefined();
});

test('deadline passes on a result within its time, and leaves no timer', async () => {
  const clock = new VirtualClock();
  await expect(deadline(Promise.resolve('done'), 5, clock)).resolves.toBe('done');
  const reason = new Error('broken');
  await expect(deadline(Promise.reject(reason), 5, clock)).rejects.toBe(reason);
  expect(clock.pending).toBe(0);
});

test('deadline rejects after its time and not before', async () => {
  const clock = new VirtualClock();
  let reason: unknown;
  void deadline(new Promise(() => undefined), 5, clock).catch((error) => {
    reason = error;
  });
  await clock.advance(4.9);
  expect(reason).toBeUndefined();
  await clock.advance(0.1);
  expect(reason).toEqual(new Error('not within 5 ms'));
  expect(clock.pending).toBe(0);
});

test('systemClock.now moves on, and on the clock that all processes of the machine share', async () => {
  const before = Number(process.hrtime.bigint()) / 1e6;
  const now = systemClock.now();
  const after = Number(process.hrtime.bigint()) / 1e6;
  // `systemClock` measures its offset to this clock at the start, inaccurately if the process was preempted then.
  expect(now).toBeGreaterThan(before - 50);
  expect(now).toBeLessThan(after + 50);
  expect(systemClock.now()).toBeGreaterThan(now);
});

test('systemClock.now of a fresh process is the shared clock within 0.1 ms', () => {
  const clock = new URL('../../../services/kit/clock.ts', import.meta.url).href;
  const script = `
    const { systemClock } = await import(${JSON.stringify(clock)});
    const shared = () => Number(process.hrtime.bigint()) / 1e6;
    const errors = Array.from({ length: 20 }, () => {
      const [before, now, after] = [shared(), systemClock.now(), shared()];
      return [after - before, Math.max(0, before - now, now - after)];
    });
    console.log(errors.toSorted(([a], [b]) => a - b)[0][1]);`;
  const output = execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' });
  expect(Number(output)).toBeLessThan(0.1);
});

test('systemClock.after takes a time that has passed for now', () => {
  const start = vi.spyOn(globalThis, 'setTimeout');
  onTestFinished(() => start.mockRestore());
  systemClock.cancel(systemClock.after(-5, () => undefined));
  expect(start).toHaveBeenCalledWith(expect.anything(), 0);
});

test('systemClock.after comes in the order of times, and never when it is cancelled', async () => {
  const order: string[] = [];
  const cancelled = systemClock.after(1, () => order.push('cancelled'));
  systemClock.cancel(cancelled);
  await new Promise<void>((resolve) => {
    systemClock.after(8, () => resolve());
    systemClock.after(2, () => order.push('2'));
    systemClock.after(4, () => order.push('4'));
  });
  expect(order).toEqual(['2', '4']);
});

test('systemClock.after does not come early with a time beyond what timers can hold', async () => {
  let early = false;
  const timer = systemClock.after(2 ** 31, () => {
    early = true;
  });
  await sleep(5, systemClock);
  systemClock.cancel(timer);
  expect(early).toBe(false);
});
