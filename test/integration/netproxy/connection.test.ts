import { once } from 'node:events';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { startNetproxy, tcpClient, tcpServer } from '#test/support/proxied.ts';
import { until } from '#test/support/until.ts';

/** Starts a server behind a proxy. Returns functions that connect to the proxy and count its connections. */
async function rig(onConnection: (socket: Socket) => void) {
  const upstream = await tcpServer(onConnection);
  const proxy = await startNetproxy({ proxies: [{ name: 'it', upstream }] });
  const { body } = await proxy.call('GET', '/config');
  return {
    client: () => tcpClient(body.proxies[0].listen),
    connections: () => proxy.metric('spillway_proxy_connections{proxy="it"}'),
    inject: (fault: object) =>
      proxy.call('PUT', '/faults/it', {
        leaseMs: 60_000,
        target: 'it',
        fault: { stream: 'upstream', ...fault },
      }),
  };
}

/** Sends back all received bytes once the client has ended its side. */
const sayBack = (socket: Socket) => void text(socket).then((received) => socket.end(`received ${received}`));

test('a half close reaches upstream, whose answer still comes back', async () => {
  const { client, connections } = await rig(sayBack);
  const socket = await client();
  socket.end('hello');
  expect(await text(socket)).toBe('received hello');
  await until(async () => (await connections()) === 0);
});

test('a reset by the client reaches upstream as a reset', async () => {
  const codes: string[] = [];
  const { client, connections } = await rig((socket) => {
    socket.resume();
    socket.on('error', (error: NodeJS.ErrnoException) => codes.push(error.code!));
  });
  const socket = await client();
  socket.write('hello');
  await until(async () => (await connections()) === 1);
  socket.resetAndDestroy();
  await until(() => codes.length > 0);
  expect(codes).toEqual(['ECONNRESET']);
  await until(async () => (await connections()) === 0);
});

test('a reset by upstream reaches the client as a reset', async () => {
  const { client } = await rig((socket) => socket.once('data', () => socket.resetAndDestroy()));
  const socket = await client();
  socket.write('hello');
  const [error] = await once(socket, 'error');
  expect(error.code).toBe('ECONNRESET');
});

test('a client that leaves in the middle of an answer takes upstream with it, also behind a toxic', async () => {
  const upstream = Promise.withResolvers<Socket>();
  const { client, connections, inject } = await rig(upstream.resolve);
  await inject({ kind: 'latency', latencyMs: 0 });
  const socket = await client();
  socket.pause();
  const answering = await upstream.promise;
  answering.resume();
  // The client has no unread data, so it closes with an end. Data that is written to it later causes a reset.
  socket.destroy();
  await once(answering, 'end');
  // More bytes than all buffers on the way to the client can hold.
  answering.write(Buffer.alloc(64 << 20));
  await until(() => answering.closed);
  await until(async () => (await connections()) === 0);
});

test('an upstream that refuses closes the client', async () => {
  const { call } = await startNetproxy();
  const { body } = await call('POST', '/proxies', { name: 'it', upstream: '127.0.0.1:1' });
  const socket = await tcpClient(body.listen);
  socket.resume();
  await once(socket, 'close');
});

test('the fault reset resets both sides, also a connection that was there before it', async () => {
  const codes: string[] = [];
  const { client, inject } = await rig((socket) => {
    socket.resume();
    socket.on('error', (error: NodeJS.ErrnoException) => codes.push(`upstream ${error.code}`));
  });
  const socket = await client();
  socket.on('error', (error: NodeJS.ErrnoException) => codes.push(`client ${error.code}`));
  socket.write('before');
  await inject({ kind: 'reset' });
  socket.write('after');
  await until(() => codes.length === 2);
  expect(codes.toSorted()).toEqual(['client ECONNRESET', 'upstream ECONNRESET']);
});
