import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jetstream } from '@nats-io/jetstream';
import { expect, onTestFinished, type TestContext, test } from 'vitest';
import { consumer } from '#consumer/consumer.ts';
import { readBacklog } from '#kit/broker/backlog.ts';
import { brokerError, ensureConsumer, ensureStreams, isStreamFull } from '#kit/broker/broker.ts';
import { names } from '#kit/broker/names.ts';
import { connectBroker } from '#kit/broker/nats.ts';
import { Upstream } from '#kit/http-client/upstream.ts';
import { Metrics } from '#kit/metrics.ts';
import { natsServerCommand } from '#lab/world/local/commands.ts';
import { Guard } from '#lab/world/process/guard.ts';
import { startChild } from '#lab/world/process/launch.ts';
import { publisher } from '#publisher/publisher.ts';
import { testFolder } from '#test/support/folder.ts';
import { hold, silent } from '#test/support/serve.ts';
import { smallDisk } from '#test/support/small-disk.ts';
import { stubDownstream } from '#test/support/stub-downstream.ts';
import { until } from '#test/support/until.ts';

/** Starts a broker with both streams on a small disk. */
async function rig(context: TestContext) {
  const disk = smallDisk(context, 4096);
  const guard = new Guard();
  onTestFinished(() => guard.release());
  const command = natsServerCommand(-1, join(disk, 'jetstream'), join(testFolder(), 'nats.log'));
  const { ports } = await startChild(command, guard);
  const connect = async () => {
    const connection = await connectBroker(`nats://127.0.0.1:${ports.client}`, 'test');
    onTestFinished(() => connection.close());
    return connection;
  };
  const broker = await connect();
  await ensureStreams(broker);
  await ensureConsumer(broker, 30_000);
  const filler = join(disk, 'filler');
  return {
    broker,
    connect,
    /** Writes a file that takes all space left on the disk. */
    fill() {
      try {
        writeFileSync(filler, Buffer.alloc(8 * 1024 * 1024));
      } catch {
        // The write fails when the disk is full.
      }
    },
    free: () => rmSync(filler),
  };
}

const event = { id: 'r1', payload: 'x'.repeat(10_000) };

test.for([
  ['by others', 'no space left on device'],
  ['as far as JetStream may use it', 'insufficient resources'],
] as const)(
  'brokerError of a disk that is full, %s, is a StorageError and no full stream',
  async (full, context) => {
    const [by, why] = full;
    const { broker, fill } = await rig(context);
    if (by === 'by others') fill();
    const client = jetstream(broker);
    const refusal = async () => {
      for (let i = 0; ; i++) {
        const body = JSON.stringify(event);
        const error = await client.publish(names.subject, body, { msgID: `r${i}` }).catch((cause) => cause);
        if (error instanceof Error) return error;
      }
    };
    const error = await refusal();
    expect(error.message).toContain(why);
    expect(isStreamFull(error)).toBe(false);
    expect(brokerError(error)).toMatchObject({ name: 'StorageError', reason: 'disk-full', cause: error });
  },
);

test('a publisher whose broker has a full disk drops and accepts no event, and is not ready until the disk has space', async (context) => {
  const { connect, fill, free } = await rig(context);
  const service = await publisher({ log: silent, metrics: new Metrics(), broker: await connect() });
  const { metric, control } = hold(service);
  const publish = (id: string) =>
    service.traffic!.inject({ method: 'POST', url: '/events', body: { ...event, id } });
  const ready = async () => (await control.inject('/readyz')).json();
  fill();
  expect((await publish('r1')).json()).toMatchObject({
    status: 507,
    type: 'urn:spillway:disk-full',
    detail: expect.stringMatching(/^the broker can't store: .*no space left on device/),
  });
  expect(await ready()).toMatchObject({ status: 503, detail: expect.stringContaining('no space left') });
  expect(await metric('spillway_storage_failures_total{reason="disk-full"}')).toBe(1);
  expect(await metric('spillway_published_total{result="unstored"}')).toBe(1);
  expect(await metric('spillway_published_total{result="dropped"}')).toBe(0);
  free();
  expect((await publish('r2')).statusCode).toBe(202);
  expect(await ready()).toEqual({ status: 'ready' });
});

test('a consumer whose broker has no room for a dead letter keeps the event, and is not ready until it is dead-lettered', async (context) => {
  const { broker, connect, fill, free } = await rig(context);
  const stub = await stubDownstream();
  const service = await consumer({
    log: silent,
    metrics: new Metrics(),
    broker: await connect(),
    upstream: new Upstream(stub.url),
    initial: { redelivery: { maxRetries: 0 } },
  });
  const { metric, control } = hold(service);
  const ready = async () => (await control.inject('/readyz')).json();
  await jetstream(broker).publish(names.subject, JSON.stringify(event), { msgID: 'r1' });
  const first = await stub.got(0);
  fill();
  first.response.writeHead(500).end();
  await until(async () => (await ready()).status === 503);
  expect((await ready()).detail).toMatch(/^the broker can't store: .*no space left/);
  expect(await metric('spillway_storage_failures_total{reason="disk-full"}')).toBeGreaterThan(0);
  expect(await metric('spillway_dead_letters_total{reason="failed"}')).toBe(0);
  expect((await readBacklog(broker)).messages).toBe(1);
  free();
  const second = await stub.got(1);
  second.response.writeHead(500).end();
  await until(async () => (await ready()).status === 'ready');
  // The consumer acknowledges the event after it has reported to be ready.
  await until(async () => (await readBacklog(broker)).messages === 0);
  expect((await readBacklog(broker)).deadLetters).toBe(1);
});
