import { expect, test } from 'vitest';
import { HandlerSlots } from '#consumer/slots.ts';

const settled = () => new Promise(setImmediate);

/** Creates slots, and takes `inUse` of them. `seen.taken` counts the slots taken afterwards. */
async function rig(inUse: number) {
  const handlerSlots = new HandlerSlots();
  for (let i = 0; i < inUse; i++) await handlerSlots.take(inUse);
  const seen = { taken: 0 };
  const take = async (limit: number, signal?: AbortSignal) => {
    void handlerSlots.take(limit, signal).then((isTaken) => {
      if (isTaken) seen.taken += 1;
    });
    await settled();
  };
  const release = () => {
    handlerSlots.release();
    return settled();
  };
  return { handlerSlots, seen, take, release };
}

test('HandlerSlots.take resolves at once below the limit, and at the limit when a slot is released', async () => {
  const { seen, take, release } = await rig(2);
  await take(3);
  expect(seen.taken).toBe(1);
  await take(3);
  expect(seen.taken).toBe(1);
  await release();
  expect(seen.taken).toBe(2);
});

test('HandlerSlots.take waits until the slots above a lowered limit are released', async () => {
  const { seen, take, release } = await rig(3);
  await take(1);
  for (let i = 0; i < 3; i++) {
    expect(seen.taken).toBe(0);
    await release();
  }
  expect(seen.taken).toBe(1);
});

test('HandlerSlots.wake ends the waits whose signal has aborted without a slot, and no other', async () => {
  const { handlerSlots } = await rig(1);
  const stopping = new AbortController();
  const ended: boolean[] = [];
  void handlerSlots.take(1, stopping.signal).then((isTaken) => ended.push(isTaken));
  void handlerSlots.take(1).then((isTaken) => ended.push(isTaken));
  stopping.abort();
  handlerSlots.wake();
  await settled();
  expect(ended).toEqual([false]);
});

test('HandlerSlots.idle resolves when all slots are released, and leaves them free', async () => {
  const { handlerSlots, seen, take, release } = await rig(2);
  let isIdle = false;
  void handlerSlots.idle().then(() => {
    isIdle = true;
  });
  await release();
  expect(isIdle).toBe(false);
  await release();
  expect(isIdle).toBe(true);
  await take(1);
  expect(seen.taken).toBe(1);
});

test('HandlerSlots.aside leaves its slot to others, and waits for one again', async () => {
  const { handlerSlots, seen, take, release } = await rig(1);
  const wait = Promise.withResolvers<void>();
  let isBack = false;
  void handlerSlots
    .aside(1, () => wait.promise)
    .then(() => {
      isBack = true;
    });
  await take(1);
  expect(seen.taken).toBe(1);
  wait.resolve();
  await settled();
  expect(isBack).toBe(false);
  await release();
  expect(isBack).toBe(true);
});
