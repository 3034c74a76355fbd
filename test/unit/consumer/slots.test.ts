import { expect, test } from 'vitest';
import { HandlerSlots } from '#consumer/slots.ts';

/** Handlers that run until the test ends them, and how often a wait for a place has ended. */
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

test('Places.fewerThan resolves at once below the limit, and at the limit when a handler has ended', async () => {
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

test('Places.fewerThan waits for as many to end as are above a limit that was lowered', async () => {
  const { ends, seen, wait } = rig(3);
  wait(1);
  for (const end of ends) {
    expect(seen.free).toBe(0);
    end();
    await settled();
  }
  expect(seen.free).toBe(1);
});

test('Places.wake ends the waits whose signal has aborted, and no other', async () => {
  const { handlerSlots, seen, wait } = rig(1);
  const stopping = new AbortController();
  wait(1, stopping.signal);
  wait(1);
  stopping.abort();
  handlerSlots.wake();
  await settled();
  expect(seen.free).toBe(1);
});

test('Places.aside leaves its place to others, and waits for one again', async () => {
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

test('Places.aside rejects as its wait does, with a place again', async () => {
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
