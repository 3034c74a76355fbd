import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
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

test('systemClock.after calls back, and never when it is cancelled', async () => {
  let called = false;
  const timer = systemClock.after(1, () => {
    called = true;
  });
  systemClock.cancel(timer);
  await new Promise<void>((resolve) => void systemClock.after(2, resolve));
  expect(called).toBe(false);
});
