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
