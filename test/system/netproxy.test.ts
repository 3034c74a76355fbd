import { expect, test } from 'vitest';
import { processes } from '#test/support/process.ts';
import { send } from '#test/support/send.ts';
import { until } from '#test/support/until.ts';

const post = async (url: string, id: string) => {
  const startedAtMs = performance.now();
  const { status } = await send('POST', `${url}/rpc`, { id });
  return { status, ms: performance.now() - startedAtMs };
};

test('netproxy affects the calls from gateway to downstream until its fault is cleared', async () => {
  const { start } = processes();
  const downstream = await start('downstream', { model: { kind: 'fixed' } });
  const upstream = new URL(downstream.url).host;
  const { controlUrl, kill, ended } = await start('netproxy', { proxies: [{ name: 'work', upstream }] });
  const call = (method: string, path: string, body?: object) =>
    fetch(controlUrl + path, { method, ...(body && { body: JSON.stringify(body) }) });
  const { listen } = (await (await call('GET', '/proxies/work')).json()) as { listen: string };
  const gateway = await start('gateway', {}, { DOWNSTREAM_URL: `http://${listen}` });

  expect((await post(gateway.url, 'r1')).status).toBe(200);
  await call('POST', '/proxies/work/toxics', { type: 'latency', attributes: { latency: 300 } });
  const slow = await post(gateway.url, 'r2');
  expect(slow.status).toBe(200);
  expect(slow.ms).toBeGreaterThanOrEqual(300);
  await call('PATCH', '/proxies/work', { enabled: false });
  expect((await post(gateway.url, 'r3')).status).toBe(502);
  await call('POST', '/reset');
  await until(async () => (await post(gateway.url, 'r4')).status === 200);

  kill('SIGTERM');
  expect(await ended).toMatchObject({ code: 0 });
});
