import { once } from 'node:events';
import { expect, test } from 'vitest';
import { startNetproxy, tcpClient, tcpServer } from '#test/support/proxied.ts';

const upstream = '127.0.0.1:1';

/** Starts a proxy `it` with a toxic, an echo server upstream, and a client. */
async function rig() {
  const upstream = await tcpServer((socket) => void socket.pipe(socket));
  const toxics = [{ type: 'latency', name: 'slow', attributes: { latency: 1 } }];
  const proxy = await startNetproxy({ proxies: [{ name: 'it', upstream, toxics }] });
  const client = await tcpClient((await proxy.call('GET', '/proxies/it')).body.listen);
  return {
    ...proxy,
    /** Says something and resolves with what comes back. */
    async ask(words: string): Promise<string> {
      client.write(words);
      const [data] = await once(client, 'data');
      return data.toString();
    },
  };
}

test('populate says how far it came when a proxy cannot listen', async () => {
  const { call } = await startNetproxy({}, { token: 'x'.repeat(16) });
  const proxies = [
    { name: 'it', upstream },
    { name: 'bad', upstream, listen: '192.0.2.1:80' },
    { name: 'last', upstream },
  ];
  expect(await call('POST', '/populate', proxies)).toMatchObject({
    status: 500,
    body: { status: 500, proxies: [{ name: 'it' }] },
  });
});

test('populate replaces a proxy that would call elsewhere', async () => {
  const { call } = await rig();
  const { body } = await call('POST', '/populate', [{ name: 'it', upstream: '127.0.0.1:2' }]);
  expect(body.proxies).toMatchObject([{ name: 'it', upstream: '127.0.0.1:2', toxics: [] }]);
});

test.each<[string, number, (taken: string) => object[]]>([
  ['an address that is none', 400, () => [{ name: 'it', upstream: 'nowhere' }]],
  [
    'another with such an address',
    400,
    (taken) => [
      { name: 'it', upstream: taken },
      { name: 'new', upstream: 'nowhere' },
    ],
  ],
  ['a port that is taken', 500, (taken) => [{ name: 'it', listen: taken, upstream: taken }]],
])(
  'populate with %s leaves a proxy as it is, with its toxics and connections',
  async (_sentence, status, to) => {
    const { ask, call } = await rig();
    expect(await ask('before')).toBe('before');
    const { body: before } = await call('GET', '/proxies');
    expect((await call('POST', '/populate', to(await tcpServer(() => undefined)))).status).toBe(status);
    expect((await call('GET', '/proxies')).body).toEqual(before);
    expect(await ask('after')).toBe('after');
  },
);
