import { once } from 'node:events';
import { expect, test } from 'vitest';
import { deleteStreams } from '#kit/broker/broker.ts';
import { StorageError } from '#kit/process/storage.ts';
import { answerOf, openBroker } from '#lab/testbed/broker/broker.ts';
import { mute } from '#test/support/mute.ts';
import { withNats } from '#test/support/nats.ts';

const nats = withNats();

test('openBroker connects to a broker that is there', async () => {
  const broker = await openBroker({ natsUrl: nats.url });
  expect(broker.info?.version).toMatch(/^\d+\./);
  await broker.close();
});

test('answerOf names the broker that does not answer, and lets pass what it refuses for want of room', async () => {
  const broker = await openBroker({ natsUrl: nats.url });
  await broker.close();
  await expect(answerOf(nats.url, deleteStreams(broker))).rejects.toMatchObject({
    name: 'nats-failed',
    message: `the broker at ${nats.url} did not answer as it should: closed connection`,
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

test('openBroker gives up on what takes its connection and says nothing', async () => {
  const { natsUrl } = await mute();
  await expect(openBroker({ natsUrl })).rejects.toThrow(
    `no broker answers at ${natsUrl} (not within 5000 ms)`,
  );
});

test('openBroker leaves no connection behind when something else ends the waiting', async () => {
  const { server, natsUrl } = await mute();
  const connected = once(server, 'connection');
  const stop = Promise.withResolvers<never>();
  const opening = openBroker({ natsUrl }, stop.promise);
  const [socket] = await connected;
  const closed = once(socket, 'close');
  stop.reject(new Error('the command got SIGINT'));
  await expect(opening).rejects.toThrow('the command got SIGINT');
  await closed;
});

test('openBroker names the variable for the credentials where the broker refuses them', async () => {
  const { server, natsUrl } = await mute();
  server.on('connection', (socket) => {
    socket.on('error', () => undefined); // the client hangs up
    socket.write('INFO {"version":"2.10.0","auth_required":true,"max_payload":1024}\r\n');
    socket.once('data', () => socket.end("-ERR 'Authorization Violation'\r\n"));
  });
  await expect(openBroker({ natsUrl })).rejects.toMatchObject({
    name: 'nats-refused',
    message: expect.stringMatching(/ in SPILLWAY_NATS_CREDENTIALS$/),
  });
});
