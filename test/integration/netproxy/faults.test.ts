import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import type { Clock } from '#kit/clock.ts';
import { listening } from '#test/support/listening.ts';
import { startNetproxy, tcpClient, tcpServer } from '#test/support/proxied.ts';
import { until } from '#test/support/until.ts';

/** Starts an echo server behind a proxy. `onReceived` gets each socket on which the server receives data. */
async function rig(onReceived: (socket: Socket) => void = () => undefined, clock?: Clock) {
  const upstream = await tcpServer((socket) => socket.on('data', () => onReceived(socket)).pipe(socket));
  const proxy = await startNetproxy({ proxies: [{ name: 'it', upstream }] }, { clock });
  const listen: string = (await proxy.call('GET', '/proxies/it')).body.listen;
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
    toxics: async () => (await proxy.call('GET', '/proxies/it/toxics')).body,
    active: () =>
      proxy.call('GET', '/faults').then(({ body }) => body.map(({ name }: { name: string }) => name)),
  };
}

test('a fault is a toxic for each direction, until it is ended', async () => {
  const { call, begin, toxics } = await rig();
  const { status, body } = await begin('slow', { kind: 'latency', latencyMs: 50 });
  expect([status, body]).toMatchObject([200, [{ name: 'slow', target: 'it', kind: 'latency', jitterMs: 0 }]]);
  const attributes = { latency: 50, jitter: 0 };
  expect(await toxics()).toEqual([
    { name: 'slow_upstream', type: 'latency', stream: 'upstream', toxicity: 1, attributes },
    { name: 'slow_downstream', type: 'latency', stream: 'downstream', toxicity: 1, attributes },
  ]);
  expect((await call('DELETE', '/faults/slow')).body).toEqual([]);
  expect(await toxics()).toEqual([]);
});

test.each<[object, object]>([
  [
    { kind: 'bandwidth', kilobytesPerSecond: 5 },
    { type: 'bandwidth', attributes: { rate: 5 } },
  ],
  [
    { kind: 'blackhole', closeAfterMs: 5 },
    { type: 'timeout', attributes: { timeout: 5 } },
  ],
  [
    { kind: 'reset', afterMs: 5 },
    { type: 'reset_peer', attributes: { timeout: 5 } },
  ],
])('%j on one direction is the toxic %j', async (fault, toxic) => {
  const { begin, toxics } = await rig();
  await begin('one', { ...fault, stream: 'upstream', toxicity: 0.5 });
  expect(await toxics()).toEqual([{ name: 'one_upstream', stream: 'upstream', toxicity: 0.5, ...toxic }]);
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
  const { begin, active, toxics, client } = await rig();
  await begin('slow', { kind: 'latency', latencyMs: 50 }, 30);
  await begin('down', { kind: 'down' }, 30);
  await until(async () => (await active()).length === 0);
  expect(await toxics()).toEqual([]);
  await client();
});

test('a proxy that can not listen again stays down and reports it, until it can', async () => {
  const { call, begin, active, squat } = await rig();
  await begin('down', { kind: 'down' });
  const leave = await squat();
  expect((await call('DELETE', '/faults/down')).status).toBe(500);
  expect(await active()).toEqual(['down']);
  await leave();
  expect((await call('DELETE', '/faults/down')).body).toEqual([]);
  expect((await call('GET', '/proxies/it')).body.enabled).toBe(true);
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

test('a fault whose toxic exists already is refused, nothing of it begins, and the toxic stays', async () => {
  const { call, begin, active, toxics } = await rig();
  await begin('slow', { kind: 'latency', latencyMs: 5, stream: 'upstream' });
  await call('POST', '/proxies/it/toxics', { name: 'slow_downstream', type: 'reset_peer' });
  const before = await toxics();
  const { status, body } = await begin('slow', { kind: 'blackhole' });
  expect([status, body.problems]).toEqual([
    400,
    [{ pointer: '', message: 'it already has a toxic slow_downstream from elsewhere' }],
  ]);
  expect(await toxics()).toEqual(before);
  expect(await active()).toEqual(['slow']);
  await call('DELETE', '/faults/slow');
  expect((await toxics()).map(({ name }: { name: string }) => name)).toEqual(['slow_downstream']);
});
