import { jetstream } from '@nats-io/jetstream';
import { headers as natsHeaders } from '@nats-io/transport-node';
import { describe, expect, test } from 'vitest';
import { publishDeadLetter } from '#consumer/dead-letters.ts';
import { eventBytesMax, names } from '#kit/broker/names.ts';
import { reconnected, withNats } from '#test/support/nats.ts';
import { done } from '#test/support/stub-downstream.ts';
import { fail, rig, streams } from './rig.ts';

const nats = withNats();
const content = {
  id: 'r1',
  reason: 'failed',
  attempts: 4,
  lastAttempt: 4,
  firstError: 'first\nsecond\r\nthird',
  lastError: 'last\nof all',
};

test('the largest event that the work stream takes is dead-lettered, and a larger one refused', async () => {
  const { broker, finished, news, letter } = await rig(nats, { redelivery: { maxRetries: 0 } }, fail);
  const client = jetstream(broker);
  await expect(client.publish(names.subject, Buffer.alloc(eventBytesMax + 1, ' '))).rejects.toThrow(
    'message size exceeds maximum allowed',
  );
  await client.publish(names.subject, Buffer.alloc(eventBytesMax, ' '));
  await finished(1);
  expect(news).toEqual([{ id: 'event#1', outcome: 'dead', attempts: 1 }]);
  expect((await letter(1))?.data.length).toBe(eventBytesMax);
});

describe('publishDeadLetter', () => {
  test('stores one dead letter per message, however often it is called', async () => {
    const { broker, publish, deliveries, messages, letter } = await streams(nats);
    await publish('r0', 'r1');
    const [first, second] = await deliveries(2);
    await publishDeadLetter(broker, first!, content);
    await Promise.all([
      publishDeadLetter(broker, second!, content),
      publishDeadLetter(broker, second!, content),
      publishDeadLetter(broker, second!, content),
    ]);
    await publishDeadLetter(broker, second!, { ...content, reason: 'timeout' });
    expect(await messages('DLQ')).toBe(2);
    expect((await letter(2))?.header.get('Spillway-Reason')).toBe('failed');
  });

  test("rejects when the dead letter can't be stored, and the message stays", async () => {
    const { broker, publish, deliveries, messages } = await streams(nats);
    await publish('r1');
    const [message] = await deliveries(1);
    await nats.kill();
    await expect(publishDeadLetter(broker, message!, content)).rejects.toThrow();
    await nats.restart();
    await reconnected(broker);
    expect([await messages(), await messages('DLQ')]).toEqual([1, 0]);
  });
});

describe('the hard limit of deliveries', () => {
  const maxRetries = 1;
  /** Deliveries that may fail (the first and its retries), plus five with an unobserved end. */
  const limit = maxRetries + 1 + 5;

  /** Starts a consumer with a message already delivered `deliveriesBefore` times, as if each receiver had died. */
  async function killer(deliveriesBefore: number, answer: typeof fail) {
    const work = await streams(nats);
    await work.publish('r1');
    for (let i = 0; i < deliveriesBefore; i++) {
      const [message] = await work.deliveries(1);
      message!.nak();
    }
    return rig(nats, { redelivery: { maxRetries } }, answer, undefined, work);
  }

  test('is checked before the handler: beyond it the event is dead-lettered unseen', async () => {
    const next = await killer(limit, done);
    await next.finished(1);
    expect(next.stub.received).toEqual([]);
    expect(next.news).toMatchObject([{ id: 'r1', outcome: 'dead' }]);
    expect((await next.letter(1))?.header.get('Spillway-Reason')).toBe('max-deliveries');
    expect(await next.messages()).toBe(0);
  });
});

test('an event that was dead-lettered and not acknowledged is not tried again', async () => {
  const work = await streams(nats);
  await work.publish('r1');
  const [message] = await work.deliveries(1);
  await publishDeadLetter(work.broker, message!, content);
  message!.nak();
  const next = await rig(nats, { redelivery: { maxRetries: 0 } }, done, undefined, work);
  await next.finished(1);
  expect(next.news).toEqual([{ id: 'r1', outcome: 'dead', attempts: undefined }]);
  expect(next.stub.received).toEqual([]);
  expect([await next.messages(), await next.messages('DLQ')]).toEqual([0, 1]);
  expect(await next.metric('spillway_dead_letters_total{reason="failed"}')).toBe(1);
});

test('an event whose time is up is dead-lettered at once as expired, and one with time left completes', async () => {
  const work = await streams(nats);
  const timed = natsHeaders();
  timed.set('x-timeout-ms', '1');
  const client = jetstream(work.broker);
  await client.publish(names.subject, '{"id":"late"}', { msgID: 'late', headers: timed });
  timed.set('x-timeout-ms', '60000');
  await client.publish(names.subject, '{"id":"early"}', { msgID: 'early', headers: timed });
  timed.set('x-timeout-ms', 'soon');
  await client.publish(names.subject, '{"id":"odd"}', { msgID: 'odd', headers: timed });
  const policies = [{ deadline: { leastMs: 1 } }];
  const { finished, news, stub, letter } = await rig(nats, { policies }, done, undefined, work);
  await finished(3);
  expect(news).toContainEqual({ id: 'late', outcome: 'dead', attempts: 0 });
  expect((await letter(1))?.header.get('Spillway-Reason')).toBe('expired');
  const left = stub.received.map(({ request }) => Number(request.headers['x-timeout-ms']));
  expect(left.filter((ms) => ms > 0 && ms <= 60_000)).toHaveLength(1);
  expect(left).toHaveLength(2);
});
