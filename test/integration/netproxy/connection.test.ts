import { once } from 'node:events';
import type { Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { startNetproxy, tcpClient, tcpServer } from '#test/support/proxied.ts';
import { until } from '#test/support/until.ts';

/** Starts a server behind a proxy. Returns functions that connect to the proxy and count its connections. */
async function rig(onConnection: (socket: Socket) => void, toxics: object[] = []) {
  const upstream = await tcpServer(onConnection);
  const proxy = await startNetproxy(
    { proxies: [{ name: 'it', upstream, toxics }] },
    { token: 'x'.repeat(16) },
  );
  const { body } = await proxy.call('GET', '/proxies/it');
  return {
    ...proxy,
    listen: body.listen as string,
    client: (address: string = body.listen) => tcpClient(address),
    connections: () => proxy.metric('spillway_proxy_connections{proxy="it"}'),
  };
}

const echo = (socket: Socket) => void socket.pipe(socket);

/** Sends a text and resolves with the reply. */
async function ask(socket: Socket, words: string): Promise<string> {
  socket.write(words);
  const [data] = await once(socket, 'data');
  return data.toString();
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
  const { client, connections } = await rig(upstream.resolve, [
    { type: 'latency', name: 'slow', stream: 'upstream' },
  ]);
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

test('reset_peer resets both sides, also a connection that was there before it', async () => {
  const codes: string[] = [];
  const { client, call } = await rig((socket) => {
    socket.resume();
    socket.on('error', (error: NodeJS.ErrnoException) => codes.push(`upstream ${error.code}`));
  });
  const socket = await client();
  socket.on('error', (error: NodeJS.ErrnoException) => codes.push(`client ${error.code}`));
  socket.write('before');
  await call('POST', '/proxies/it/toxics', { type: 'reset_peer', stream: 'upstream' });
  socket.write('after');
  await until(() => codes.length === 2);
  expect(codes.toSorted()).toEqual(['client ECONNRESET', 'upstream ECONNRESET']);
});

test('a proxy that is disabled closes its connections and refuses new ones, and takes them again', async () => {
  const { client, call } = await rig((socket) => socket.pipe(socket));
  const socket = await client();
  socket.resume();
  await call('PATCH', '/proxies/it', { enabled: false });
  await once(socket, 'close');
  await expect(client()).rejects.toThrow('ECONNREFUSED');
  await call('PATCH', '/proxies/it', { enabled: true });
  const again = await client();
  again.end('hello');
  expect(await text(again)).toBe('hello');
});

test('a proxy that moves to a port that is taken is disabled, and keeps its toxics', async () => {
  const { client, call } = await rig(echo, [{ type: 'latency', name: 'slow' }]);
  const closed = once((await client()).resume(), 'close');
  const listen = await tcpServer(() => undefined);
  expect((await call('PATCH', '/proxies/it', { listen })).status).toBe(500);
  await closed;
  expect((await call('GET', '/proxies/it')).body).toMatchObject({
    enabled: false,
    listen,
    toxics: [{ name: 'slow' }],
  });
});

test.each<[string, (own: string) => string]>([
  ['another port', () => '127.0.0.1:0'],
  ['where it is, for another upstream', (own) => `127.0.0.1:${own}`],
])('a proxy that moves to %s closes its connections', async (_sentence, to) => {
  const { listen, client, call } = await rig(echo);
  const socket = await client();
  expect(await ask(socket, 'before')).toBe('before');
  const upstream = await tcpServer((socket) => socket.end('other'));
  const change = { listen: to(listen.split(':')[1]!), upstream };
  const closed = once(socket, 'close');
  const { body } = await call('PATCH', '/proxies/it', change);
  await closed;
  expect(await text(await client(body.listen))).toBe('other');
  if (body.listen.split(':')[1] !== listen.split(':')[1])
    await expect(client(listen)).rejects.toThrow('ECONNREFUSED');
});
