import { jetstream } from '@nats-io/jetstream';
import { headers as natsHeaders } from '@nats-io/transport-node';
import { expect, test } from 'vitest';
import { names } from '#kit/broker/names.ts';
import { headers } from '#kit/wire.ts';
import { withNats } from '#test/support/nats.ts';
import { done } from '#test/support/stub-downstream.ts';
import { until } from '#test/support/until.ts';
import { fail, ids, rig } from './rig.ts';

const nats = withNats();
const redelivery = { maxRetries: 1, backoff: { kind: 'constant', delayMs: 5 } };

test('an event that times out in a queue of its policies was not tried: it asks again', async () => {
  const policies = [{ timeout: { ms: 200, class: 'hurried' } }, { bulkhead: { concurrency: 1, queue: 9 } }];
  const inFlight: (() => void)[] = [];
  const { broker, publish, finished, news, messages, metric, stub } = await rig(
    nats,
    { redelivery, policies },
    (received) => void (received.id === 'slow' ? inFlight.push(() => done(received)) : done(received)),
  );
  await publish('slow');
  await until(() => inFlight.length === 1);
  const hurried = natsHeaders();
  hurried.set(headers.class, 'hurried');
  await jetstream(broker).publish(names.subject, '{"id":"r1"}', { msgID: 'r1', headers: hurried });
  await until(async () => ((await metric('spillway_attempt_timeouts_total')) ?? 0) >= 3);
  expect([news, await messages('DLQ'), stub.received.length]).toEqual([[], 0, 1]);
  inFlight[0]!();
  await finished(2);
  expect(news).toContainEqual({ id: 'r1', outcome: 'ok', attempts: 1 });
});

test('events whose retry the budget refuses leave their slots to untried events', async () => {
  const policies = [{ budget: { kind: 'grpc', maxTokens: 4, tokenRatio: 1 } }];
  let isWell = false;
  const { publish, finished, news, metric, messages } = await rig(
    nats,
    { concurrency: 2, redelivery, policies },
    (received) => (isWell ? done : fail)(received),
  );
  await publish(...ids(4));
  const refused = 'spillway_rejections_total{policy="budget"}';
  await until(async () => ((await metric(refused)) ?? 0) >= 20);
  expect(await metric('spillway_refused_retries_total{policy="budget"}')).toBeLessThanOrEqual(4);
  isWell = true;
  await publish('new1', 'new2', 'new3');
  await finished(7);
  expect(news.slice(0, 3).map(({ id }) => id)).toEqual(['new1', 'new2', 'new3']);
  expect(news.slice(3).every(({ outcome, attempts }) => outcome === 'ok' && attempts === 2)).toBe(true);
  expect(await messages('DLQ')).toBe(0);
});

test('the retry of an event after a timeout costs its budget more than that after another failure', async () => {
  const budget = { kind: 'aws', capacity: 100, retryCost: 5, timeoutRetryCost: 10, successGain: 1 };
  const { publish, finished, metric } = await rig(
    nats,
    { redelivery, policies: [{ budget }, { timeout: { ms: 200 } }] },
    (received) => void (received.id === 'failing' && fail(received)),
  );
  await publish('failing');
  await finished(1);
  expect(await metric('spillway_retry_budget')).toBe(95);
  await publish('slow');
  await finished(2);
  expect(await metric('spillway_retry_budget')).toBe(85);
});

test('an event that its policies refuse waits on by a new configuration, and uses up no delivery', async () => {
  const initial = {
    redelivery: { ...redelivery, maxRetries: 0 },
    policies: [{ bulkhead: { concurrency: 1, queue: 0 } }],
  };
  const inFlight: (() => void)[] = [];
  const { publish, finished, news, messages, metric, control } = await rig(
    nats,
    initial,
    (received) => void (received.id === 'slow' ? inFlight.push(() => done(received)) : done(received)),
  );
  const rejections = async () => (await metric('spillway_rejections_total{policy="bulkhead"}')) ?? 0;
  await publish('slow');
  await until(() => inFlight.length === 1);
  await publish('r1');
  for (let changes = 0; changes < 8; changes++) {
    await until(async () => (await rejections()) > 0);
    const before = await rejections();
    await control.inject({ method: 'PUT', url: '/config', payload: initial });
    await until(async () => (await rejections()) > before);
  }
  expect(await metric('spillway_deliveries_in_flight')).toBe(2);
  inFlight[0]!();
  await finished(2);
  expect(news).toContainEqual({ id: 'r1', outcome: 'ok', attempts: 1 });
  expect(await messages('DLQ')).toBe(0);
  await until(async () => (await metric('spillway_deliveries_total{result="ok"}')) === 2);
  expect(await metric('spillway_deliveries_total{result="returned"}')).toBe(0);
});
