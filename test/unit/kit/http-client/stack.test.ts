import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { stackOf } from '#kit/http-client/stack.ts';

/** Stack whose connections are numbers in the order of opening, from 1. */
function numbered() {
  const [cutOff, taken] = [[] as number[], [] as number[]];
  let opened = 0;
  const stack = stackOf({ open: () => ++opened, cut: (connection) => void cutOff.push(connection) });
  const takeMany = (count: number) => {
    for (let taking = 0; taking < count; taking++) stack.take((connection) => taken.push(connection));
    return taken.splice(0);
  };
  return { stack, cutOff, taken, takeMany };
}

const twoTurns = async () => {
  for (let turn = 0; turn < 3; turn++) await nextTurn();
};

test('stackOf takes the connection that was used last, one that broke only after others, and opens one if none is free', async () => {
  const { stack, takeMany } = numbered();
  expect(takeMany(3)).toEqual([1, 2, 3]);
  stack.give(2, 'answer');
  stack.give(1, 'answer');
  stack.give(3, 'error');
  await twoTurns();
  expect(takeMany(4)).toEqual([1, 2, 3, 4]);
});

test('stackOf uses a connection again only after a poll of the sockets, since its server may have closed it', async () => {
  const { stack, taken, takeMany } = numbered();
  takeMany(1);
  stack.give(1, 'answer');
  expect(takeMany(1)).toEqual([]);
  await nextTurn();
  expect(taken).toEqual([]);
  await twoTurns();
  expect(taken).toEqual([1]);
});

test('stackOf.close cuts the connections once no request is in flight', async () => {
  const { stack, cutOff, takeMany } = numbered();
  takeMany(1);
  const closed = stack.close();
  await Promise.resolve();
  expect(cutOff).toEqual([]);
  stack.give(1, 'error');
  await closed;
  expect([cutOff, stack.isClosed()]).toEqual([[1], true]);
});
