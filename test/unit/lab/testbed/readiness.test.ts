import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { aborted } from '#lab/testbed/readiness.ts';

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

test('aborted removes its listener when the other signal aborts', () => {
  const { signal } = new AbortController();
  const until = new AbortController();
  void aborted(signal, until.signal);
  expect(getEventListeners(signal, 'abort')).toHaveLength(1);
  until.abort();
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
