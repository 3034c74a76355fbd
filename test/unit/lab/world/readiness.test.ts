import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { aborted } from '#kit/clock.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { untilReady } from '#lab/world/readiness.ts';

const reason = new Error('interrupted');

test('aborted rejects with the reason when the signal aborts', async () => {
  const controller = new AbortController();
  const rejected = expect(aborted(controller.signal)).rejects.toBe(reason);
  controller.abort(reason);
  await rejected;
});

test('aborted rejects at once if the signal has aborted', async () => {
  await expect(aborted(AbortSignal.abort(reason))).rejects.toBe(reason);
});

test('untilReady rejects after 20 s with the last reason, and closes the port', async () => {
  const clock = new VirtualClock();
  let closed = 0;
  const port = {
    request: async () => {
      throw new Error(clock.now() < 1000 ? 'it starts' : 'the broker is unavailable');
    },
    close: async () => void closed++,
  };
  const ended = untilReady('consumer', port, clock);
  const message = 'consumer was not ready within 20 s: the broker is unavailable';
  const rejected = expect(ended).rejects.toMatchObject({ name: 'consumer-not-ready', message });
  await clock.run();
  await rejected;
  expect(closed).toBe(1);
  expect(clock.now()).toBeLessThanOrEqual(20_000);
});

test('aborted removes its listener when the other signal aborts', () => {
  const { signal } = new AbortController();
  const until = new AbortController();
  void aborted(signal, until.signal);
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  until.abort();
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
