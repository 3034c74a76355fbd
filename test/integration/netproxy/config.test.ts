import { once } from 'node:events';
import { expect, test } from 'vitest';
import { startNetproxy, tcpClient, tcpServer } from '#test/support/proxied.ts';

const upstream = '127.0.0.1:1';
const latency = { name: 'slow', type: 'latency', attributes: { latency: 5 } };
const it = { name: 'it', upstream, toxics: [latency] };
const rig = () => startNetproxy({ proxies: [it] });

test('a configuration is refused with all problems and their places', async () => {
  const { put } = await rig();
  const twice = {
    ...it,
    listen: 'x',
    toxics: [latency, latency],
  };
  const { problems } = (await put({ proxies: [it, twice] })).json();
  expect(problems.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
    '/proxies/1/listen',
    '/proxies/1/name',
    '/proxies/1/toxics/1/name',
  ]);
});

test('the configuration stays as it was when a proxy of a new one cannot listen', async () => {
  const { call, put } = await startNetproxy({ proxies: [it] }, { token: 'x'.repeat(16) });
  const before = (await call('GET', '/proxies')).body;
  await put({
    proxies: [
      { name: 'new', upstream },
      { name: 'bad', upstream, listen: '192.0.2.1:80' },
    ],
  });
  expect((await call('GET', '/proxies')).body).toEqual(before);
});

/** Starts an echo server, a proxy `it` before it with a toxic, and a client of the proxy. */
async function echoing() {
  const upstream = await tcpServer((socket) => void socket.pipe(socket));
  const toxics = [{ type: 'latency', name: 'slow', attributes: { latency: 1 } }];
  const proxy = await startNetproxy({ proxies: [{ name: 'it', upstream, toxics }] });
  const client = await tcpClient((await proxy.call('GET', '/proxies/it')).body.listen);
  return {
    ...proxy,
    /** Sends a text and resolves with the reply. */
    async ask(words: string): Promise<string> {
      client.write(words);
      const [data] = await once(client, 'data');
      return data.toString();
    },
  };
}

test.each<[string, (other: string) => object[]]>([
  ['an address that is none', () => [{ name: 'it', upstream: 'nowhere' }]],
  [
    'another with such an address',
    (other) => [
      { name: 'it', upstream: other },
      { name: 'new', upstream: 'nowhere' },
    ],
  ],
])('populate with %s leaves a proxy as it is, with its toxics and connections', async (_sentence, to) => {
  const { ask, call } = await echoing();
  expect(await ask('before')).toBe('before');
  const { body: before } = await call('GET', '/proxies');
  expect((await call('POST', '/populate', to(await tcpServer(() => undefined)))).status).toBe(400);
  expect((await call('GET', '/proxies')).body).toEqual(before);
  expect(await ask('after')).toBe('after');
});
