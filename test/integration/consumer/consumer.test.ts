import { jetstream } from '@nats-io/jetstream';
import { headers as natsHeaders } from '@nats-io/transport-node';
import { expect, test, vi } from 'vitest';
import { names } from '#kit/broker/names.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { withNats } from '#test/support/nats.ts';
import { done } from '#test/support/stub-downstream.ts';
import { until } from '#test/support/until.ts';
import { fail, ids, rig } from './rig.ts';

const nats = withNats();

test('each attempt carries on the trace of its event, and an invalid one is dropped', async () => {
  const redelivery = { maxRetries: 1, backoff: { kind: 'constant', delayMs: 1 } };
  const { broker, finished, stub } = await rig(nats, { redelivery, concurrency: 1 }, fail);
  const publish = async (id: string, value: string) => {
    const headers = natsHeaders();
    headers.set('traceparent', value);
    await jetstream(broker).publish(names.subject, JSON.stringify({ id }), { msgID: id, headers });
  };
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await publish('r1', traceparent);
  await finished(1);
  await publish('r2', traceparent.slice(1));
  await finished(2);
  expect(stub.received.map(({ request }) => request.headers.traceparent)).toEqual([
    traceparent,
    traceparent,
    undefined,
    undefined,
  ]);
});

test('stop waits 5 s for what is under way, then cuts it off and gives it back, and nothing is lost', async () => {
  const clock = new VirtualClock();
  const config = { concurrency: 2, redelivery: { maxRetries: 0 } };
  const { publish, stop, stub, deliveries, messages, metric } = await rig(nats, config, undefined, clock);
  await publish('r1', 'r2');
  const { response } = await stub.got(0);
  const cut = new Promise((resolve) => response.once('close', resolve));
  done(await stub.got(1));
  await until(async () => (await metric('spillway_deliveries_total{result="ok"}')) === 1);
  const after = vi.spyOn(clock, 'after');
  const stopped = stop();
  await until(() => after.mock.calls.some(([ms]) => ms === 5000));
  await clock.advance(4999);
  expect(response.destroyed).toBe(false);
  await clock.advance(1);
  await Promise.all([stopped, cut]);
  expect([await messages(), await messages('DLQ')]).toEqual([1, 0]);
  expect(await deliveries(1)).toHaveLength(1);
  expect(await metric('spillway_deliveries_total{result="returned"}')).toBe(1);
  expect(await metric('spillway_attempts_total{result="abandoned"}')).toBe(1);
  expect(clock.pending).toBe(0);
});

test('the consumer is ready while it has its broker and downstream, and says what is missing', async () => {
  const { unready, stub } = await rig(nats, {}, done);
  expect(await unready()).toBeUndefined();
  await stub.close();
  expect(await unready()).toMatch(/^downstream does not answer: /);
  await stub.listenAgain();
  expect(await unready()).toBeUndefined();
  await nats.kill();
  await until(async () => (await unready()) === 'the broker is unavailable');
  await nats.restart();
  await until(async () => (await unready()) === undefined);
});

test('the backlog is exported, and is no number while the broker does not answer', async () => {
  const { publish, stub, metric } = await rig(nats, { concurrency: 2 });
  await publish(...ids(10));
  await stub.got(1);
  expect(await metric('spillway_stream_messages')).toBe(10);
  expect(await metric('spillway_stream_ack_pending')).toBeGreaterThanOrEqual(2);
  expect((await metric('spillway_stream_pending')) + (await metric('spillway_stream_ack_pending'))).toBe(10);
  expect(await metric('spillway_dead_letter_messages')).toBe(0);
  expect(await metric('spillway_stream_limit')).toBe(5000);
  expect(await metric('spillway_stream_oldest_age_seconds')).toBeGreaterThan(0);
  expect(await metric('spillway_deliveries_limit')).toBe(2);
  expect(await metric('spillway_deliveries_in_flight')).toBe(2);
  expect(await metric('spillway_deliveries_held')).toBe(2);
  await nats.kill();
  expect(await metric('spillway_stream_messages')).toBeNaN();
  await stub.close(); // leaves the calls in flight unanswered
});
