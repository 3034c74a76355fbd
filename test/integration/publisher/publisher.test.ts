import { jetstreamManager } from '@nats-io/jetstream';
import { describe, expect, test, vi } from 'vitest';
import { Metrics } from '#kit/metrics.ts';
import { publisher } from '#publisher/publisher.ts';
import { withNats } from '#test/support/nats.ts';
import { hold, silent } from '#test/support/serve.ts';
import { until } from '#test/support/until.ts';

const nats = withNats();

async function rig(initial: object = {}) {
  const broker = await nats.fresh();
  const service = await publisher({ log: silent, metrics: new Metrics(), broker, initial });
  const held = hold(service);
  const stream = async () => {
    const manager = await jetstreamManager(broker, { checkAPI: false });
    return manager.streams.info('WORK');
  };
  return {
    ...held,
    broker,
    stream,
    async publish(id: string, payload?: unknown, headers: Record<string, string> = {}) {
      const response = await service.traffic!.inject({
        method: 'POST',
        url: '/events',
        headers,
        body: { id, payload },
      });
      return { status: response.statusCode, body: response.json() };
    },
    message: async (sequence: number) => {
      const manager = await jetstreamManager(broker, { checkAPI: false });
      return manager.streams.getMessage('WORK', { seq: sequence });
    },
    unready: async () => (await held.control.inject('/readyz')).json().detail as string | undefined,
  };
}

test('an event is accepted with its sequence once the stream holds it, body and id', async () => {
  const { publish, message, metric } = await rig();
  expect(await publish('r1', { deep: [1] })).toEqual({ status: 202, body: { seq: 1, duplicate: false } });
  expect(await publish('r2')).toEqual({ status: 202, body: { seq: 2, duplicate: false } });
  const first = await message(1);
  expect(first?.header.get('Nats-Msg-Id')).toBe('r1');
  expect(first?.json()).toEqual({ id: 'r1', payload: { deep: [1] } });
  expect(await metric('spillway_published_total{result="accepted"}')).toBe(2);
  expect(await metric('spillway_request_duration_seconds_count{outcome="accepted"}')).toBe(2);
  expect(await metric('spillway_requests_in_flight')).toBe(0);
});

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

test.each([
  ["its caller's time", 'x-timeout-ms', '250'],
  ['the class it came with', 'x-class', 'slow'],
  ['the trace it came with', 'traceparent', traceparent],
])('an event carries %s, and none is made up', async (_what, header, value) => {
  const { publish, message } = await rig();
  await publish('r1', 0, { [header]: value });
  await publish('r2');
  expect((await message(1))?.header.get(header)).toBe(value);
  expect((await message(2))?.header.has(header)).toBe(false);
});

test('the same id again is a duplicate of the same sequence, and is not stored twice', async () => {
  const { publish, stream, metric } = await rig();
  await publish('r0');
  await publish('r1');
  expect(await publish('r1')).toEqual({ status: 202, body: { seq: 2, duplicate: true } });
  expect((await stream()).state.messages).toBe(2);
  expect(await metric('spillway_published_total{result="duplicate"}')).toBe(1);
});

/** On a busy machine 200 events may take longer than the default. */
const patient = { publishTimeoutMs: 60_000 };

test('a full stream refuses, exactly at its bound under 200 at once, and goes on when there is room', async () => {
  const { publish, stream, metric, put } = await rig({ ...patient, stream: { maxPending: 50 } });
  const answers = await Promise.all(Array.from({ length: 200 }, (_, i) => publish(`r${i}`)));
  const byStatus = (status: number) => answers.filter((answer) => answer.status === status);
  expect([byStatus(202).length, byStatus(429).length]).toEqual([50, 150]);
  expect(new Set(byStatus(202).map(({ body }) => body.seq)).size).toBe(50);
  expect(byStatus(429)[0]?.body).toMatchObject({ type: 'urn:spillway:stream-full', status: 429 });
  expect((await stream()).state.messages).toBe(50);
  expect(await metric('spillway_published_total{result="dropped"}')).toBe(150);
  // A refused event is not remembered as published.
  expect((await put({ ...patient, stream: { maxPending: 51 } })).statusCode).toBe(200);
  const refused = answers.findIndex(({ status }) => status === 429);
  expect(await publish(`r${refused}`)).toMatchObject({ status: 202, body: { duplicate: false } });
});

test('an event that a cluster has not replicated yet, which it answers with sequence 0, is unknown if this goes on', async () => {
  const { broker, publish, metric } = await rig({ publishTimeoutMs: 200 });
  vi.spyOn(broker, 'store').mockResolvedValue({ stream: 'WORK', seq: 0, duplicate: true });
  expect(await publish('r1')).toMatchObject({ status: 504 });
  expect(await metric('spillway_published_total{result="unknown"}')).toBe(1);
});

describe('a configuration that the broker can not follow is refused, with nothing asked of it and nothing changed', () => {
  const next = { stream: { maxPending: 7 }, replicas: 1, publishTimeoutMs: 300 };
  const away = async ({ unready }: Awaited<ReturnType<typeof rig>>) => {
    await nats.kill();
    await until(unready);
  };

  test.each([
    ['away', away, 'the broker is away'],
    ['mute', () => nats.pause(), 'the broker does not answer: not within 2000 ms'],
  ])('because it is %s', async (_sentence, harm, reason) => {
    const held = await rig();
    const { broker, put, control, stream, unready } = held;
    const before = (await control.inject('/config')).json();
    await harm(held);
    const asked = broker.stats().outMsgs;
    const response = await put(next);
    expect(response.statusCode).toBe(503);
    expect(response.json()).toMatchObject({
      type: 'urn:spillway:no-broker',
      detail: `the configuration was not applied: ${reason}`,
    });
    expect(broker.stats().outMsgs).toBe(asked);
    expect((await control.inject('/config')).json()).toEqual(before);
    await nats.kill();
    await nats.restart();
    await until(async () => (await unready()) === undefined);
    expect((await stream()).config.max_msgs).toBe(5000);
    expect((await put(next)).json()).toEqual(next);
  });
});

describe('when the broker is away', () => {
  test('from the start of a request, nothing is sent: 503, and so says readyz', async () => {
    const { publish, unready, metric } = await rig({ publishTimeoutMs: 100 });
    expect(await unready()).toBeUndefined();
    await nats.kill();
    await until(unready);
    expect(await unready()).toBe('the broker is unavailable');
    expect(await publish('r1')).toMatchObject({ status: 503, body: { type: 'urn:spillway:no-broker' } });
    expect(await metric('spillway_published_total{result="unavailable"}')).toBe(1);
  });

  test('from the middle of a request on, the result is unknown: 504', async () => {
    const { publish, broker, metric } = await rig({ publishTimeoutMs: 300 });
    await nats.pause();
    const before = broker.stats().outMsgs;
    const answer = publish('r1');
    await until(() => broker.stats().outMsgs > before);
    await nats.kill();
    expect(await answer).toMatchObject({ status: 504, body: { type: 'urn:spillway:no-acknowledgement' } });
    expect(await metric('spillway_published_total{result="unknown"}')).toBe(1);
  });

  test('the publisher can be stopped', async () => {
    const { stop, unready, broker } = await rig();
    await nats.kill();
    await until(unready);
    await stop();
    expect(broker.isClosed()).toBe(true);
  });
});
