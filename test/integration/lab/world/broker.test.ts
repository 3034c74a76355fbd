import { once } from 'node:events';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { expect, test, vi } from 'vitest';
import { deleteStreams, ensureStreams } from '#kit/broker/broker.ts';
import { names } from '#kit/broker/names.ts';
import { eachMessage } from '#kit/broker/stored.ts';
import { StorageError } from '#kit/process/storage.ts';
import { openBroker } from '#lab/world/broker.ts';
import { answerOf } from '#lab/world/broker-answer.ts';
import { mute } from '#test/support/mute.ts';
import { withNats } from '#test/support/nats.ts';

const nats = withNats();

/** Creates a work stream with `count` messages. `read` returns the sequences that `eachMessage` yields. */
async function stream(count: number) {
  const broker = await nats.fresh();
  await ensureStreams(broker);
  const client = jetstream(broker);
  await Promise.all(Array.from({ length: count }, () => client.publish(names.subject, '{}')));
  const manager = await jetstreamManager(broker, { checkAPI: false });
  const read = async () => {
    const sequences: number[] = [];
    await eachMessage(manager, names.stream, ({ seq }) => void sequences.push(seq));
    return sequences.toSorted((a, b) => a - b);
  };
  return { broker, manager, read };
}

/** Counts the requests to the broker: all of them, and the most that were in flight at the same time. */
function asked(broker: NatsConnection) {
  const seen = { total: 0, underWay: 0, most: 0 };
  const request = broker.request.bind(broker);
  vi.spyOn(broker, 'request').mockImplementation((...args) => {
    seen.total += 1;
    seen.underWay += 1;
    seen.most = Math.max(seen.most, seen.underWay);
    return request(...args).finally(() => {
      seen.underWay -= 1;
    });
  });
  return seen;
}

test('eachMessage takes each once', async () => {
  const { read } = await stream(300);
  expect(await read()).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
});

test('eachMessage takes none of a stream that is empty', async () => {
  const { read } = await stream(0);
  expect(await read()).toEqual([]);
});

test('eachMessage requests existing messages only', async () => {
  const { broker, manager, read } = await stream(1000);
  for (let seq = 2; seq < 1000; seq++) await manager.streams.deleteMessage(names.stream, seq, false);
  const seen = asked(broker);
  expect(await read()).toEqual([1, 1000]);
  expect(seen.total).toBeLessThan(100);
});

test('eachMessage asks for many at a time, but not for all', async () => {
  const { broker, read } = await stream(500);
  const seen = asked(broker);
  await read();
  expect(seen.most).toBeGreaterThan(8);
  expect(seen.most).toBeLessThanOrEqual(64);
});

test('openBroker connects to a broker that is there', async () => {
  const broker = await openBroker({ natsUrl: nats.url });
  expect(broker.info?.version).toMatch(/^\d+\./);
  await broker.close();
});

test('answerOf names the broker that does not answer, and passes on a refusal for lack of space', async () => {
  const broker = await openBroker({ natsUrl: nats.url });
  await broker.close();
  await expect(answerOf(nats.url, deleteStreams(broker))).rejects.toMatchObject({
    name: 'nats-failed',
    message: `the broker at ${nats.url} gave an unexpected answer: closed connection`,
  });
  const full = new StorageError('disk-full', 'the broker is full');
  await expect(answerOf(nats.url, Promise.reject(full))).rejects.toBe(full);
});

test('openBroker says of a broker that is not there where it was expected, and asks whether it is up', async () => {
  await nats.kill();
  await expect(openBroker({ natsUrl: nats.url })).rejects.toMatchObject({
    name: 'nats-unreachable',
    message: `no broker answers at ${nats.url} (connect ECONNREFUSED ${nats.url.slice('nats://'.length)}): is the testbed up?`,
  });
});

test('openBroker gives up on a server that accepts its connection and sends nothing', async () => {
  const { natsUrl } = await mute();
  await expect(openBroker({ natsUrl })).rejects.toThrow(
    `no broker answers at ${natsUrl} (not within 5000 ms)`,
  );
});

test('openBroker leaves no connection behind when the command is stopped meanwhile', async () => {
  const { server, natsUrl } = await mute();
  const connected = once(server, 'connection');
  const stop = Promise.withResolvers<never>();
  const opening = openBroker({ natsUrl }, stop.promise);
  const [socket] = await connected;
  const closed = once(socket, 'close');
  stop.reject(new Error('the command received SIGINT'));
  await expect(opening).rejects.toThrow('the command received SIGINT');
  await closed;
});

test('openBroker names the variable for the credentials where the broker refuses them', async () => {
  const { server, natsUrl } = await mute();
  server.on('connection', (socket) => {
    socket.on('error', () => undefined); // the client may reset the connection
    socket.write('INFO {"version":"2.10.0","auth_required":true,"max_payload":1024}\r\n');
    socket.once('data', () => socket.end("-ERR 'Authorization Violation'\r\n"));
  });
  await expect(openBroker({ natsUrl })).rejects.toMatchObject({
    name: 'nats-refused',
    message: expect.stringMatching(/set SPILLWAY_NATS_CREDENTIALS to user:password$/),
  });
});
