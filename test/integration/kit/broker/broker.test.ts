import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { describe, expect, test } from 'vitest';
import { readBacklog } from '#kit/broker/backlog.ts';
import { deleteStreams, ensureConsumer, ensureStreams, isStreamFull } from '#kit/broker/broker.ts';
import { disconnectBroker, watchConnection } from '#kit/broker/connect.ts';
import { eventBytesMax, names } from '#kit/broker/names.ts';
import { connectBroker } from '#kit/broker/nats.ts';
import { withNats } from '#test/support/nats.ts';
import { until } from '#test/support/until.ts';

const nats = withNats();

async function rig() {
  const broker = await nats.fresh();
  const manager = await jetstreamManager(broker, { checkAPI: false });
  return {
    broker,
    manager,
    client: jetstream(broker),
    bound: async () => (await manager.streams.info(names.stream)).config.max_msgs,
  };
}

describe('ensureStreams', () => {
  test('makes the work stream with the bound, and the dead-letter stream', async () => {
    const { broker, manager, bound } = await rig();
    await ensureStreams(broker, 7);
    expect(await bound()).toBe(7);
    expect((await manager.streams.info(names.deadLetters)).config).toMatchObject({
      subjects: ['dlq.WORK.>'],
      storage: 'file',
      discard: 'new',
      retention: 'limits',
    });
  });

  test('bounds the size of an event, also in a stream that is there without a bound', async () => {
    const { broker, manager } = await rig();
    await manager.streams.add({
      name: names.stream,
      subjects: [names.subject],
      retention: 'workqueue',
      discard: 'new',
    });
    await ensureStreams(broker, 7);
    expect((await manager.streams.info(names.stream)).config.max_msg_size).toBe(eventBytesMax);
  });
});

test('deleteStreams removes both streams with their messages and known ids, and succeeds without streams', async () => {
  const { broker, manager, client } = await rig();
  await deleteStreams(broker);
  await ensureStreams(broker);
  await client.publish(names.subject, 'x', { msgID: 'r1' });
  await deleteStreams(broker);
  await expect(manager.streams.info(names.stream)).rejects.toThrow('stream not found');
  await ensureStreams(broker);
  expect(await client.publish(names.subject, 'x', { msgID: 'r1' })).toMatchObject({
    duplicate: false,
  });
});

test('isStreamFull knows the refusal of a full stream from other errors', async () => {
  const { broker, client } = await rig();
  await ensureStreams(broker, 1);
  await client.publish(names.subject, 'x');
  const full = await client.publish(names.subject, 'x').catch((error) => error);
  expect(isStreamFull(full)).toBe(true);
  const other = await client
    .publish('dlq.WORK.1', 'x', { expect: { lastSubjectSequence: 3 } })
    .catch((error) => error);
  expect(other).toBeInstanceOf(Error);
  expect(isStreamFull(other)).toBe(false);
});

test('readBacklog counts the messages of both streams, and those that the consumer is handling', async () => {
  const { broker, client } = await rig();
  await ensureStreams(broker);
  const startMs = performance.now();
  const age = expect.toSatisfy((ms) => ms > 0 && ms < performance.now() - startMs + 1000);
  for (let i = 0; i < 5; i++) await client.publish(names.subject, 'x');
  await client.publish('dlq.WORK.1', 'x');
  const without = {
    messages: 5,
    messagesMax: 5000,
    oldestAgeMs: age,
    pending: 5,
    ackPending: 0,
    redelivered: 0,
    deadLetters: 1,
    oldestDeadLetterAgeMs: age,
  };
  // Polls, since an age of less than a millisecond is 0, which also means no message.
  await expect.poll(() => readBacklog(broker)).toEqual(without);
  await ensureConsumer(broker, 30_000);
  const consumer = await client.consumers.get(names.stream, names.consumer);
  const first = await consumer.next();
  await consumer.next();
  expect(await readBacklog(broker)).toEqual({ ...without, pending: 3, ackPending: 2 });
  first?.nak();
  await until(async () => {
    const again = await consumer.next();
    return again?.seq === first?.seq;
  });
  expect(await readBacklog(broker)).toMatchObject({ messages: 5, redelivered: 1 });
});

test('watchConnection knows whether the broker is there', async () => {
  const broker = await nats.connect();
  const connected = watchConnection(broker);
  expect(connected()).toBe(true);
  await nats.kill();
  await until(() => !connected());
  await nats.restart();
  await until(connected);
  await disconnectBroker(broker);
  await until(() => !connected());
});

test('connectBroker waits for a broker that is not there yet', async () => {
  await nats.kill();
  let connected = false;
  const connecting = connectBroker(nats.url, 'test').then((broker) => {
    connected = true;
    return broker;
  });
  await new Promise((resolve) => setTimeout(resolve, 200)); // long enough that it has tried to connect more than once
  expect(connected).toBe(false);
  await nats.restart();
  await disconnectBroker(await connecting);
});

describe('disconnectBroker', () => {
  test('sends published messages first', async () => {
    const { broker, manager } = await rig();
    const other = await nats.connect();
    await ensureStreams(broker);
    for (let i = 0; i < 100; i++) other.publish(names.subject, 'x');
    await disconnectBroker(other);
    expect(other.isClosed()).toBe(true);
    // The client has sent all messages. The stream stores them a little later.
    await until(async () => (await manager.streams.info(names.stream)).state.messages === 100);
  });
});
