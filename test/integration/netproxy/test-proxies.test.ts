import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { startNetproxy } from '#netproxy/test-proxies.ts';
import { bytesServer } from '#test/support/listening.ts';

/** Proxies that end with the test, and a server that sends back what it gets. */
async function started() {
  const echo = await bytesServer((socket) => socket.pipe(socket));
  const netproxy = await startNetproxy();
  onTestFinished(() => netproxy.close());
  return { netproxy, upstream: `127.0.0.1:${echo.port}` };
}

/** Sends a byte and resolves with what comes back and the time that it took. */
async function roundTrip(listen: string) {
  const socket = connect(Number(listen.split(':')[1]), '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  const startedAtMs = performance.now();
  socket.write('x');
  const [data] = await once(socket, 'data');
  return { text: String(data), tookMs: performance.now() - startedAtMs };
}

test('a proxy forwards, and its toxics act until they are removed', async () => {
  const { netproxy, upstream } = await started();
  const proxy = await netproxy.create({ name: 'echo', upstream });
  expect(await roundTrip(proxy.listen)).toMatchObject({ text: 'x' });
  const toxic = await proxy.addToxic({ type: 'latency', attributes: { latency: 200 } });
  expect(toxic).toMatchObject({ name: 'latency_downstream', stream: 'downstream', toxicity: 1 });
  expect((await roundTrip(proxy.listen)).tookMs).toBeGreaterThan(199);
  await proxy.removeToxic('latency_downstream');
  expect(proxy.toxics).toEqual([]);
});

test('a disabled proxy refuses connections, and an enabled one accepts them on the same port', async () => {
  const { netproxy, upstream } = await started();
  const proxy = await netproxy.create({ name: 'echo', upstream });
  const { listen } = proxy;
  await proxy.disable();
  await expect(roundTrip(listen)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await proxy.enable();
  expect(proxy.listen).toBe(listen);
  expect(await roundTrip(listen)).toMatchObject({ text: 'x' });
});

test('Toxiproxy’s clients see and change the same proxies by the URL', async () => {
  const { netproxy, upstream } = await started();
  const proxy = await netproxy.create({ name: 'echo', upstream });
  const body = JSON.stringify({ type: 'timeout', attributes: { timeout: 5 } });
  const answer = await fetch(`${netproxy.url}/proxies/echo/toxics`, { method: 'POST', body });
  expect(answer.status).toBe(200);
  expect(proxy.toxics).toMatchObject([{ name: 'timeout_downstream' }]);
  await netproxy.reset();
  expect(proxy.toxics).toEqual([]);
});

test.each([
  ['no upstream', { name: 'a', upstream: '' }, 'missing required field: upstream'],
  ['an address that is none', { name: 'a', upstream: 'nowhere' }, 'upstream: expected host:port'],
  ['a port for everyone', { name: 'a', upstream: 'a:1', listen: '0.0.0.0:0' }, 'listen: expected a loopback'],
])('create refuses %s', async (_case, fields, message) => {
  const { netproxy } = await started();
  await expect(netproxy.create(fields)).rejects.toThrow(message);
});

test('create refuses a name that is taken, and addToxic an unknown type', async () => {
  const { netproxy, upstream } = await started();
  const proxy = await netproxy.create({ name: 'echo', upstream });
  await expect(netproxy.create({ name: 'echo', upstream })).rejects.toThrow('proxy already exists');
  await expect(proxy.addToxic({ type: 'lag' })).rejects.toThrow('invalid toxic type');
});

test('close ends the API, the proxies and their connections', async () => {
  const { netproxy, upstream } = await started();
  const proxy = await netproxy.create({ name: 'echo', upstream });
  const { listen } = proxy;
  const socket = connect(Number(listen.split(':')[1]), '127.0.0.1');
  socket.write('x');
  await once(socket, 'data');
  const closed = once(socket, 'close');
  await netproxy.close();
  await closed;
  await expect(roundTrip(listen)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  await expect(fetch(`${netproxy.url}/version`)).rejects.toThrow('fetch failed');
});
