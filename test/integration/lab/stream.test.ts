import { type JetStreamClient, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { headers } from '@nats-io/transport-node';
import { expect, test } from 'vitest';
import { deadLetterSubject, ensureConsumer, ensureStreams, names } from '#kit/broker.ts';
import { readRemains } from '#lab/audit/stream.ts';
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

async function bury(client: JetStreamClient, index: number) {
  const letter = headers();
  letter.set('Spillway-Id', `r${index}`);
  await client.publish(deadLetterSubject({ seq: index + 1, time: new Date() }), '{}', { headers: letter });
}

test('readRemains finds nothing in streams that never held anything', async () => {
  const { broker } = await streams();
  expect(await readRemains(broker)).toEqual({
    pending: new Set(),
    warmUp: 0,
    dead: new Set(),
    receipts: 0,
    stuck: 0,
  });
});

test('readRemains finds every message of both streams, whatever is missing between them', async () => {
  const { broker, client, manager } = await streams();
  await publish(client, range(0, 300));
  for (const index of [0, 7, 299]) await bury(client, index);
  for (const seq of range(1, 301))
    if (seq % 5 === 0 || (seq > 100 && seq < 200))
      await manager.streams.deleteMessage(names.stream, seq, false);
  const expected = range(0, 300).filter((i) => (i + 1) % 5 !== 0 && (i < 100 || i > 198));
  const { pending, dead } = await readRemains(broker);
  expect([...pending].toSorted((a, b) => a - b)).toEqual(expected);
  expect(dead).toEqual(new Set([0, 7, 299]));
});

test('readRemains counts what is left of the warm-up by itself', async () => {
  const { broker, client } = await streams();
  await publish(client, [0]);
  await client.publish(names.subject, '{}', { msgID: 'w0' });
  await client.publish(names.subject, '{}', { msgID: 'w1' });
  expect(await readRemains(broker)).toMatchObject({ warmUp: 2, stuck: 0 });
});

test('readRemains finds what remains when everything in the work stream was taken', async () => {
  const { broker, client, manager } = await streams();
  await publish(client, range(0, 20));
  await manager.streams.purge(names.stream);
  await publish(client, [20]);
  expect((await readRemains(broker)).pending).toEqual(new Set([20]));
  await manager.streams.purge(names.stream);
  expect((await readRemains(broker)).pending).toEqual(new Set());
});
