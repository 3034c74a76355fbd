import { jetstreamManager } from '@nats-io/jetstream';
import { expect, test } from 'vitest';
import { publishDeadLetter } from '#consumer/dead-letters.ts';
import { names } from '#kit/broker/names.ts';
import { withNats } from '#test/support/nats.ts';
import { done } from '#test/support/stub-downstream.ts';
import { until } from '#test/support/until.ts';
import { ids, rig, streams } from './rig.ts';

const nats = withNats();

test("consumer recreates the stream's consumer when it is deleted, with its ack wait", async () => {
  const { broker, publish, finished, unready, ackWaitMs } = await rig(nats, { ackWaitMs: 5000 }, done);
  await publish('r0');
  await finished(1);
  const { consumers } = await jetstreamManager(broker);
  await consumers.delete(names.stream, names.consumer);
  await publish(...ids(20).slice(1));
  await finished(20);
  expect([await unready(), await ackWaitMs()]).toEqual([undefined, 5000]);
});

test('an event dead-lettered before the deletion, its acknowledgement lost, is not processed again', async () => {
  const given = await streams(nats);
  await given.publish('r0', 'r1');
  const [first] = await given.deliveries(1);
  await publishDeadLetter(given.broker, first!, {
    id: 'r0',
    reason: 'failed',
    attempts: 4,
    lastAttempt: 4,
    firstError: '',
    lastError: '',
    history: [],
  });
  const { consumers } = await jetstreamManager(given.broker);
  await consumers.delete(names.stream, names.consumer);
  const { stub, news, messages, finished } = await rig(nats, {}, done, undefined, given);
  await finished(2);
  await until(async () => (await messages()) === 0);
  expect(stub.received.map(({ id }) => id)).toEqual(['r1']);
  expect(news.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toMatchObject([
    { id: 'r0', outcome: 'dead', attempts: undefined },
    { id: 'r1', outcome: 'ok' },
  ]);
});
