import { expect, test } from 'vitest';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { SimulatedNetwork, type SimulatedSocket } from '#lab/testbed/simulated/network.ts';

const address = { host: '127.0.0.1', port: 1 };

/** A connection whose ends record their events. Both read. */
async function rig() {
  const clock = new VirtualClock();
  const network = new SimulatedNetwork(clock);
  const seen: string[] = [];
  const watch = (name: string, socket: SimulatedSocket) => {
    for (const event of ['connect', 'end', 'close']) socket.once(event, () => seen.push(`${name} ${event}`));
    socket.on('data', (data: Buffer) => seen.push(`${name} ${data}`));
    socket.on('error', ({ message }: Error) => seen.push(`${name} ${message}`));
    socket.resume();
    return socket;
  };
  let server!: SimulatedSocket;
  network.serve(address, {
    isListening: true,
    accept(socket) {
      server = watch('server', socket);
    },
  });
  const client = watch('client', network.connect(address));
  await clock.run();
  expect(seen.splice(0)).toEqual(['client connect']);
  return { clock, network, seen, watch, client, server };
}

test('bytes arrive in order before the end, and the other direction stays open', async () => {
  const { clock, seen, client, server } = await rig();
  client.write(Buffer.from('a'));
  client.write(Buffer.from('b'));
  client.end();
  client.write(Buffer.from('lost'));
  await clock.run();
  expect(seen.splice(0)).toEqual(['server a', 'server b', 'server end']);
  server.write(Buffer.from('c'));
  server.destroySoon();
  await clock.run();
  expect(seen).toEqual(['client c', 'client end', 'server close', 'client close']);
});

test('destroy ends the stream of the other end', async () => {
  const { clock, seen, client, server } = await rig();
  client.destroy();
  await clock.run();
  expect(seen.splice(0)).toEqual(['server end', 'client close']);
  server.end();
  await clock.run();
  expect(seen).toEqual(['server close']);
});

test('a reset drops bytes that were not read', async () => {
  const { clock, seen, client, server } = await rig();
  client.pause();
  server.write(Buffer.from('lost'));
  await clock.run();
  server.resetAndDestroy();
  client.resume();
  await clock.run();
  expect(seen).toEqual(['client read ECONNRESET', 'server close', 'client close']);
});

test('a paused socket reads when it is resumed', async () => {
  const { clock, seen, client, server } = await rig();
  client.pause();
  server.write(Buffer.from('a'));
  server.end();
  await clock.run();
  expect(seen).toEqual([]);
  client.resume();
  await clock.run();
  expect(seen).toEqual(['client a', 'client end']);
});

test('an address where no server listens refuses connections after 0.21 ms', async () => {
  const { clock, network, seen, watch } = await rig();
  const listener = await network.listen({ ...address, port: 2 }, () => undefined);
  listener.close();
  watch('other', network.connect({ ...address, port: 2 }));
  await clock.advance(0.2);
  expect(seen).toEqual([]);
  await clock.run();
  expect(seen).toEqual(['other connect ECONNREFUSED', 'other close']);
});
