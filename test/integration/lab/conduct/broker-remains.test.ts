import { type JetStreamClient, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { expect, test } from 'vitest';
import { ensureConsumer, ensureStreams } from '#kit/broker/broker.ts';
import { deadLetterSubject, names } from '#kit/broker/names.ts';
import { readCounts, readRemains } from '#lab/conduct/broker-remains.ts';
import { withNats } from '#test/support/nats.ts';

const nats = withNats();

async function streams() {
  const broker = await nats.fresh();
  await ensureStreams(broker);
  await ensureConsumer(broker, 30_000);
  return { broker, client: jetstream(broker), manager: await jetstreamManager(broker, { checkAPI: false }) };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

const publish = (client: JetStreamClient, indices: readonly number[]) =>
  Promise.all(indices.map((index) => client.publish(names.subject, '{}', { msgID: `r${index}` })));

async function publishDeadLetter(client: JetStreamClient, index: number) {
  const letter = headers();
  letter.set('Spillway-Id', `r${index}`);
  await client.publish(deadLetterSubject({ seq: index + 1, time: new Date() }), '{}', { headers: letter });
}

test('readRemains finds nothing in streams that never held anything', async () => {
  const { broker } = await streams();
  expect(await readRemains(broker)).toEqual({
    record: 'remains',
    pending: [],
    behind: [],
    delivered: [],
    unacknowledged: 0,
    dead: [],
  });
});

test('readRemains finds every message of both streams, also if messages between them are missing', async () => {
  const { broker, client, manager } = await streams();
  await publish(client, range(0, 300));
  for (const index of [0, 7, 299]) await publishDeadLetter(client, index);
  for (const seq of range(1, 301))
    if (seq % 5 === 0 || (seq > 100 && seq < 200))
      await manager.streams.deleteMessage(names.stream, seq, false);
  const expected = range(0, 300).filter((i) => (i + 1) % 5 !== 0 && (i < 100 || i > 198));
  const { pending, dead } = await readRemains(broker);
  expect([...pending].toSorted((a, b) => a - b)).toEqual(expected);
  expect(dead).toEqual([0, 7, 299]);
});

test('readRemains distinguishes delivered from undelivered events', async () => {
  const { broker, client } = await streams();
  await publish(client, range(0, 4));
  const consumer = await client.consumers.get(names.stream, names.consumer);
  const [first, second, third] = [await consumer.next(), await consumer.next(), await consumer.next()];
  expect(await readRemains(broker)).toMatchObject({
    behind: [],
    delivered: expect.arrayContaining(['r0', 'r1', 'r2']),
    unacknowledged: 3,
  });
  await Promise.all([first!.ackAck(), third!.ackAck()]);
  expect(await readRemains(broker)).toMatchObject({ behind: [], delivered: ['r1'], unacknowledged: 1 });
  await second!.ackAck();
  expect(await readRemains(broker)).toMatchObject({
    pending: [3],
    behind: [],
    delivered: [],
    unacknowledged: 0,
  });
});

test('readRemains finds what remains when everything in the work stream was taken', async () => {
  const { broker, client, manager } = await streams();
  await publish(client, range(0, 20));
  await manager.streams.purge(names.stream);
  await publish(client, [20]);
  expect((await readRemains(broker)).pending).toEqual([20]);
  await manager.streams.purge(names.stream);
  expect((await readRemains(broker)).pending).toEqual([]);
});

test('readRemains counts events and deliveries since an earlier look, and none if the consumer was recreated', async () => {
  const { broker, client, manager } = await streams();
  await publish(client, range(0, 2));
  const consumer = await client.consumers.get(names.stream, names.consumer);
  (await consumer.next())?.ack();
  const before = await readCounts(broker);
  const second = await consumer.next();
  second?.nak();
  const again = await consumer.next();
  expect(again?.info.deliveryCount).toBe(2);
  await publish(client, [0, 2]); // the broker knows r0 already
  await client.publish(names.subject, '{}'); // published again, without an id
  expect(await readRemains(broker, before)).toMatchObject({ deliveries: 2, stored: 2 });
  await manager.consumers.delete(names.stream, names.consumer);
  await ensureConsumer(broker, 30_000);
  const { deliveries, stored } = await readRemains(broker, before);
  expect([deliveries, stored]).toEqual([undefined, undefined]);
});
