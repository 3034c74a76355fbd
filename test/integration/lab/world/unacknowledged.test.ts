import { type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { headers as natsHeaders } from '@nats-io/transport-node';
import { describe, expect, test } from 'vitest';
import { publishDeadLetter } from '#consumer/dead-letters.ts';
import { ensureConsumer, ensureStreams } from '#kit/broker/broker.ts';
import { names } from '#kit/broker/names.ts';
import { systemClock } from '#kit/clock.ts';
import { purge, readDeadLetters } from '#lab/world/dead-letters.ts';
import { redrive } from '#lab/world/redrive.ts';
import { rig, roundedUp, streams } from '#test/integration/consumer/rig.ts';
import { withNats } from '#test/support/nats.ts';
import { done, type Received } from '#test/support/stub-downstream.ts';
import { until } from '#test/support/until.ts';

const nats = withNats();
const fast = { ratePerSecond: 1_000_000, clock: systemClock, signal: new AbortController().signal };

const onlyOnce = { redelivery: { maxRetries: 0 } };

/** Delivers events and dead-letters the last event, as if its consumer was killed before it acknowledged the event. */
async function unacknowledged(...ids: string[]) {
  return await deadLetteredAs({}, ...ids);
}

interface Last {
  /** Returns the last event's message as the client library may return it, for example with a rounded time. */
  readonly seen?: (message: JsMsg) => JsMsg;
  readonly timeoutMs?: number;
}

/** Does the same as `unacknowledged`, with properties of the last event. */
async function deadLetteredAs({ seen = (message) => message, timeoutMs }: Last, ...ids: string[]) {
  const work = await streams(nats);
  const id = ids.at(-1)!;
  await work.publish(...ids.slice(0, -1));
  const headers = natsHeaders();
  if (timeoutMs !== undefined) headers.set('x-timeout-ms', String(timeoutMs));
  await jetstream(work.broker).publish(names.subject, JSON.stringify({ id }), { msgID: id, headers });
  const deliveries = await work.deliveries(ids.length);
  const message = seen(deliveries.at(-1)!);
  const errors = { firstError: 'first', lastError: 'last', history: [] };
  const content = { id, reason: 'failed', attempts: 1, lastAttempt: 1, ...errors };
  await publishDeadLetter(work.broker, message, content);
  const start = (answer: (received: Received) => void = done, config: object = onlyOnce) =>
    rig(nats, { concurrency: 1, ...config }, answer, undefined, work);
  /** Resolves when the consumer has acknowledged all events. */
  const allAcknowledged = () => until(async () => (await work.messages()) === 0, 'all is acknowledged');
  return { ...work, deliveries, letters: await readDeadLetters(work.broker), start, allAcknowledged };
}

const redeliver = (deliveries: readonly JsMsg[]) => {
  for (const message of deliveries) message.nak();
};

describe('an event that was dead-lettered and not acknowledged', () => {
  test('completes once after a redrive', async () => {
    const { broker, letters, deliveries, start, allAcknowledged } = await unacknowledged('r0');
    expect((await redrive(broker, letters, fast)).redriven).toEqual(letters);
    redeliver(deliveries);
    const { stub, news, finished } = await start();
    await finished(1);
    await allAcknowledged();
    expect(stub.received.map(({ attempt }) => attempt)).toEqual([2]);
    expect(news).toEqual([{ id: 'r0', outcome: 'ok', attempts: undefined }]);
  });

  test.for<[string, Last, object]>([
    ['after its last delivery', {}, onlyOnce],
    ['too late for any', { timeoutMs: 1 }, { policies: [{ deadline: {} }] }],
  ])('completes once also if a consumer has prefetched it, %s', async ([, last, config]) => {
    const { broker, letters, deliveries, start, allAcknowledged, messages } = await deadLetteredAs(
      last,
      'r0',
      'r1',
    );
    redeliver(deliveries);
    let answer = (_: Received): void => undefined;
    const { stub, finished, news, metric } = await start((received) => answer(received), config);
    const first = await stub.got(0);
    expect(first.id).toBe('r0');
    const { consumers } = await jetstreamManager(broker);
    const delivered = async () => (await consumers.info(names.stream, names.consumer)).delivered.consumer_seq;
    await until(async () => (await delivered()) === 4, 'the other is in the buffer');
    expect((await redrive(broker, letters, fast)).redriven).toEqual(letters);
    answer = done;
    done(first);
    await finished(2);
    await allAcknowledged();
    expect(stub.received.map(({ id }) => id)).toEqual(['r0', 'r1']);
    expect(news.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual(['r0 ok', 'r1 ok']);
    expect(await metric('spillway_deliveries_total{result="duplicate"}')).toBe(1);
    expect(await messages('DLQ')).toBe(0);
  });

  test('is not handled any more after a purge', async () => {
    const { broker, letters, deliveries, publish, start, allAcknowledged } = await unacknowledged('r0');
    expect((await purge(broker, letters, fast.signal)).purged).toBe(1);
    redeliver(deliveries);
    await publish('r1');
    const { stub, finished } = await start();
    await finished(1);
    await allAcknowledged();
    expect(stub.received.map(({ id }) => id)).toEqual(['r1']);
  });

  test('is not handled any more either if the client rounded its time', async () => {
    const { broker, letters, messages } = await deadLetteredAs({ seen: roundedUp }, 'r0');
    expect((await purge(broker, letters, fast.signal)).purged).toBe(1);
    expect(await messages()).toBe(0);
  });

  test("doesn't remove an event of a new stream with the same sequence", async () => {
    const { broker, letters, publish, messages } = await unacknowledged('r0');
    const { streams } = await jetstreamManager(broker);
    await streams.delete(names.stream);
    await ensureStreams(broker);
    await ensureConsumer(broker, 30_000);
    await publish('r7');
    await redrive(broker, letters, fast);
    expect(await messages()).toBe(2);
    expect((await streams.getMessage(names.stream, { seq: 1 }))?.string()).toBe('{"id":"r7"}');
  });
});

test('a dead letter is purged also without a work stream', async () => {
  const { broker, letters } = await unacknowledged('r0');
  const { streams } = await jetstreamManager(broker);
  await streams.delete(names.stream);
  expect(await purge(broker, letters, fast.signal)).toEqual({ purged: 1, left: 0, failure: undefined });
});
