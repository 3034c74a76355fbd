import { expect, test } from 'vitest';
import { HandlerSlots } from '#consumer/slots.ts';

/** Handlers that run until the test ends them, and the number of waits for a slot that have ended. */
function rig(count: number) {
  const handlerSlots = new HandlerSlots();
  const ends: (() => void)[] = [];
  for (let i = 0; i < count; i++) void handlerSlots.take(() => new Promise((resolve) => ends.push(resolve)));
  const seen = { free: 0 };
  const wait = (limit: number, signal?: AbortSignal) =>
    void handlerSlots.fewerThan(limit, signal).then(() => {
      seen.free += 1;
    });
  return { handlerSlots, ends, seen, wait };
}

const settled = () => new Promise(setImmediate);

test('HandlerSlots.fewerThan resolves at once below the limit, and at the limit when a handler has ended', async () => {
  const { ends, seen, wait } = rig(2);
  wait(3);
  await settled();
  expect(seen.free).toBe(1);
  wait(2);
  await settled();
  expect(seen.free).toBe(1);
  ends[0]!();
  await settled();
  expect(seen.free).toBe(2);
});

test('HandlerSlots.fewerThan waits until the handlers above a lowered limit have ended', async () => {
  const { ends, seen, wait } = rig(3);
  wait(1);
  for (const end of ends) {
    expect(seen.free).toBe(0);
    end();
    await settled();
  }
  expect(seen.free).toBe(1);
});

test('HandlerSlots.wake ends the waits whose signal has aborted, and no other', async () => {
  const { handlerSlots, seen, wait } = rig(1);
  const stopping = new AbortController();
  wait(1, stopping.signal);
  wait(1);
  stopping.abort();
  handlerSlots.wake();
  await settled();
  expect(seen.free).toBe(1);
});

test('HandlerSlots.aside leaves its slot to others, and waits for one again', async () => {
  const handlerSlots = new HandlerSlots();
  const [wait, other] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const steps: string[] = [];
  void handlerSlots.take(async () => {
    await handlerSlots.aside(1, () => wait.promise);
    steps.push('again');
  });
  await settled();
  expect(handlerSlots.isFull(1)).toBe(false);
  void handlerSlots.take(() => other.promise);
  wait.resolve();
  await settled();
  expect([handlerSlots.isFull(1), steps]).toEqual([true, []]);
  other.resolve();
  await settled();
  expect([handlerSlots.isFull(1), steps]).toEqual([false, ['again']]);
});

test('HandlerSlots.aside rejects if its wait does, with a slot again', async () => {
  const handlerSlots = new HandlerSlots();
  let error: unknown;
  await handlerSlots.take(async () => {
    await handlerSlots
      .aside(1, () => Promise.reject(new Error('hurried')))
      .catch((reason) => {
        error = reason;
      });
    expect(handlerSlots.isFull(1)).toBe(true);
  });
  expect([String(error), handlerSlots.isFull(1)]).toEqual(['Error: hurried', false]);
});
