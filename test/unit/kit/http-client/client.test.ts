import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { StackedClient } from '#kit/http-client/client.ts';

/** Client whose connections are numbers in the order of opening, from 1. */
class Numbered extends StackedClient<number> {
  readonly cutOff: number[] = [];
  readonly taken: number[] = [];
  #opened = 0;
  protected override open = () => ++this.#opened;
  protected override cut = (connection: number) => void this.cutOff.push(connection);
  override send = () => () => undefined;
  takeMany = (count: number) => {
    for (let taking = 0; taking < count; taking++) this.take((connection) => this.taken.push(connection));
    return this.taken.splice(0);
  };
  override give = (connection: number, after: 'answer' | 'error') => super.give(connection, after);
}

const twoTurns = async () => {
  for (let turn = 0; turn < 3; turn++) await nextTurn();
};

test('StackedClient takes the connection that was used last, one that broke only after others, and opens one if none is free', async () => {
  const client = new Numbered();
  expect(client.takeMany(3)).toEqual([1, 2, 3]);
  client.give(2, 'answer');
  client.give(1, 'answer');
  client.give(3, 'error');
  await twoTurns();
  expect(client.takeMany(4)).toEqual([1, 2, 3, 4]);
});

test('StackedClient uses a connection again only after a poll of the sockets, since its server may have closed it', async () => {
  const client = new Numbered();
  client.takeMany(1);
  client.give(1, 'answer');
  expect(client.takeMany(1)).toEqual([]);
  await Promise.resolve();
  expect(client.taken).toEqual([]);
  await twoTurns();
  expect(client.taken).toEqual([1]);
});

test('StackedClient.close cuts its connections once no request is in flight, and those opened later at once', async () => {
  const client = new Numbered();
  client.takeMany(1);
  const closed = client.close();
  await Promise.resolve();
  expect(client.cutOff).toEqual([]);
  client.give(1, 'error');
  await closed;
  expect(client.cutOff).toEqual([1]);
  await twoTurns();
  expect([client.takeMany(2), client.cutOff]).toEqual([
    [1, 2],
    [1, 2],
  ]);
});
