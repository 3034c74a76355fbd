import { expect, test } from 'vitest';
import { StackedClient } from '#kit/http-client/client.ts';

/** Client whose connections are numbers in the order of opening. */
class Numbered extends StackedClient<number> {
  readonly cutOff: number[] = [];
  #opened = 0;
  protected override open = () => this.#opened++;
  protected override cut = (connection: number) => void this.cutOff.push(connection);
  override send = () => () => undefined;
  override take = () => super.take();
  override give = (connection: number, after: 'answer' | 'error') => super.give(connection, after);
}

test('StackedClient takes the connection that was used last, one that broke only after others, and opens one if none is free', () => {
  const client = new Numbered();
  expect([client.take(), client.take(), client.take()]).toEqual([0, 1, 2]);
  client.give(1, 'answer');
  client.give(0, 'answer');
  client.give(2, 'error');
  expect([client.take(), client.take(), client.take(), client.take()]).toEqual([0, 1, 2, 3]);
});

test('StackedClient.close cuts its connections once no request is in flight, and those opened later at once', async () => {
  const client = new Numbered();
  client.give(client.take(), 'answer');
  const connection = client.take();
  const closed = client.close();
  await Promise.resolve();
  expect(client.cutOff).toEqual([]);
  client.give(connection, 'error');
  await closed;
  expect(client.cutOff).toEqual([0]);
  expect([client.take(), client.take(), client.cutOff]).toEqual([0, 1, [0, 1]]);
});
