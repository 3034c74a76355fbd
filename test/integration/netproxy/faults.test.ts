import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { listening } from '#test/support/listening.ts';
import { startNetproxy, tcpClient, tcpServer } from '#test/support/proxied.ts';
import { until } from '#test/support/until.ts';

/** Starts an echo server behind a proxy. */
async function rig() {
  const upstream = await tcpServer((socket) => void socket.pipe(socket));
  const proxy = await startNetproxy({ proxies: [{ name: 'it', upstream }] });
  const listen: string = (await proxy.call('GET', '/config')).body.proxies[0].listen;
  return {
    ...proxy,
    client: () => tcpClient(listen),
    /** Occupies the proxy's port. Returns a function that frees it. */
    async squat() {
      const squatter = createServer();
      await listening(squatter, Number(listen.split(':').at(-1)));
      return () => once(squatter.close(), 'close');
    },
    begin: (name: string, fault: object, leaseMs = 60_000) =>
      proxy.call('PUT', `/faults/${name}`, { leaseMs, target: 'it', fault }),
    active: () =>
      proxy.call('GET', '/faults').then(({ body }) => body.map(({ name }: { name: string }) => name)),
  };
}

test('a fault is active until it is ended', async () => {
  const { call, begin, metric, client } = await rig();
  const echoed = async () => {
    const socket = await client();
    const startMs = performance.now();
    socket.write('x');
    await once(socket, 'data');
    return performance.now() - startMs;
  };
  const series = 'spillway_fault_active{fault="slow",target="it",kind="latency"}';
  const { status, body } = await begin('slow', { kind: 'latency', latencyMs: 50 });
  expect([status, body]).toMatchObject([200, [{ name: 'slow', target: 'it', kind: 'latency', jitterMs: 0 }]]);
  expect(await metric(series)).toBe(1);
  expect(await echoed()).toBeGreaterThanOrEqual(99); // both directions
  expect((await call('DELETE', '/faults/slow')).body).toEqual([]);
});

test.each([
  ['upstream', { client: 'hello', server: '' }],
  ['downstream', { client: '', server: 'x' }],
])('a blackhole of the direction %s drops no byte of the other', async (stream, expected) => {
  const received = { client: '', server: '' };
  const upstream = await tcpServer((socket) => {
    socket.write('hello');
    socket.on('data', (data) => {
      received.server += data;
    });
  });
  const { call } = await startNetproxy({ proxies: [{ name: 'it', upstream }] });
  const fault = { kind: 'blackhole', stream };
  await call('PUT', '/faults/hole', { leaseMs: 60_000, target: 'it', fault });
  const socket = await tcpClient((await call('GET', '/config')).body.proxies[0].listen);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.on('data', (data) => {
    received.client += data;
  });
  socket.write('x');
  await until(() => received.client === expected.client && received.server === expected.server);
  await call('DELETE', '/faults/hole');
  await closed;
  expect(received).toEqual(expected);
});

test('a proxy that is down refuses connections and closes its connections, until the last such fault is over', async () => {
  const { call, begin, client, metric } = await rig();
  const socket = await client();
  await begin('one', { kind: 'down' });
  await once(socket.resume(), 'close');
  await expect(client()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  expect(await metric('spillway_fault_active{fault="one",target="it",kind="down"}')).toBe(1);
  await begin('two', { kind: 'down' });
  await call('DELETE', '/faults/one');
  await expect(client()).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  expect((await call('DELETE', '/faults')).body).toEqual([]);
  await client();
});

test('a fault whose lease expires is cleared', async () => {
  const { begin, active, client } = await rig();
  await begin('slow', { kind: 'latency', latencyMs: 50 }, 30);
  await begin('down', { kind: 'down' }, 30);
  await until(async () => (await active()).length === 0);
  await client();
});

test('a proxy that can not listen again stays down and reports it, until it can', async () => {
  const { call, begin, active, squat, client } = await rig();
  await begin('down', { kind: 'down' });
  const leave = await squat();
  expect((await call('DELETE', '/faults/down')).status).toBe(500);
  expect(await active()).toEqual(['down']);
  await leave();
  expect((await call('DELETE', '/faults/down')).body).toEqual([]);
  await client();
});

test.each<[string, object, string, string]>([
  ['on no proxy', { target: 'at', fault: { kind: 'down' } }, '/target', 'expected it, got at'],
  ['without what it needs', { fault: { kind: 'latency' } }, '/fault', 'missing required field latencyMs'],
])('a fault %s is refused, and nothing begins', async (_sentence, change, pointer, message) => {
  const { call, active } = await rig();
  const { status, body } = await call('PUT', '/faults/a', { leaseMs: 1000, target: 'it', ...change });
  expect([status, body.problems]).toEqual([400, [{ pointer, message }]]);
  expect(await active()).toEqual([]);
});
