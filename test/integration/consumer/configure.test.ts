import { expect, test } from 'vitest';
import { deleteStreams } from '#kit/broker/broker.ts';
import { withNats } from '#test/support/nats.ts';
import { done } from '#test/support/stub-downstream.ts';
import { until } from '#test/support/until.ts';
import { counting, fail, ids, rig } from './rig.ts';

const nats = withNats();

test('a configuration at run time under load loses nothing and dead-letters nothing, though no retry is allowed', async () => {
  const { seen, answer } = counting();
  const { publish, finished, news, messages, put } = await rig(
    nats,
    { redelivery: { maxRetries: 0 } },
    answer,
  );
  const all = ids(600);
  const publishing = (async () => {
    for (let at = 0; at < 600; at += 20) await publish(...all.slice(at, at + 20));
  })();
  for (const concurrency of [4, 16, 2, 8, 16]) {
    const before = news.length;
    await until(() => news.length > before + 10);
    const response = await put({ concurrency, redelivery: { maxRetries: 0 } });
    expect([response.statusCode, response.json().concurrency]).toEqual([200, concurrency]);
  }
  await publishing;
  await finished(600);
  expect(news.map(({ outcome, id }) => `${id} ${outcome}`).toSorted()).toEqual(
    all.map((id) => `${id} ok`).toSorted(),
  );
  expect(seen.max).toBe(16);
  await until(async () => (await messages()) === 0);
  expect(await messages('DLQ')).toBe(0);
});

test('a configuration ends the waits for redelivery, and their events come at once', async () => {
  const redelivery = { maxRetries: 1, backoff: { kind: 'constant', delayMs: 60_000 } };
  const answers = [fail];
  const { publish, finished, news, put, metric } = await rig(nats, { redelivery }, (received) =>
    (answers.pop() ?? done)(received),
  );
  await publish('r1');
  await until(async () => (await metric('spillway_deliveries_total{result="retried"}')) === 1);
  await put({ redelivery });
  await finished(1);
  expect(news).toEqual([{ id: 'r1', outcome: 'ok', attempts: 2 }]);
});

test('a configuration that pauses gives back what still fails, and at once', async () => {
  const redelivery = { maxRetries: 1, backoff: { kind: 'constant', delayMs: 60_000 } };
  const { publish, stub, put, deliveries } = await rig(nats, { redelivery });
  await publish('r1');
  const received = await stub.got(0);
  expect((await put({ paused: true })).statusCode).toBe(200);
  fail(received);
  await until(async () => (await deliveries(1)).length === 1);
});

test('a configuration makes new streams where they were deleted, and the consumer goes on', async () => {
  const { broker, publish, finished, put, unready } = await rig(nats, {}, done);
  await publish('r1');
  await finished(1);
  await deleteStreams(broker);
  await until(unready);
  expect((await put({})).statusCode).toBe(200);
  expect(await unready()).toBeUndefined();
  await publish('r2');
  await finished(2);
});
