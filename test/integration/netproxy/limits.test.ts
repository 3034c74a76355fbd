import { text } from 'node:stream/consumers';
import { expect, test } from 'vitest';
import { startNetproxy, tcpClient, tcpServer } from '#test/support/proxied.ts';

const upstream = '127.0.0.1:1';
const it = { name: 'it', upstream };

test.each([':0', '0.0.0.0:0', '[::]:0', '192.0.2.1:0', 'example.com:0', '127.0.0.1.example.com:0'])(
  'without a token no proxy listens at %s',
  async (listen) => {
    const open = { name: 'new', upstream, listen };
    const message = `expected a loopback address such as 127.0.0.1:0, unless CONTROL_TOKEN is set, got "${listen}"`;
    const { call, put } = await startNetproxy({ proxies: [it] });
    const { body: before } = await call('GET', '/config');
    expect((await call('POST', '/proxies', open)).body.problems).toEqual([{ pointer: '/listen', message }]);
    const config = { proxies: [it, open] };
    expect((await put(config)).json().problems).toEqual([{ pointer: '/proxies/1/listen', message }]);
    expect((await call('GET', '/config')).body).toEqual(before);
    await expect(startNetproxy(config)).rejects.toThrow(`/proxies/1/listen: ${message}`);
  },
);

test.each(['127.0.0.2:0', '[::1]:0', 'localhost:0'])(
  'without a token a proxy listens at %s',
  async (listen) => {
    const { call } = await startNetproxy();
    expect((await call('POST', '/proxies', { ...it, listen })).status).toBe(200);
  },
);

test('with a token a proxy listens at every address', async () => {
  const server = await tcpServer((socket) => socket.end('hello'));
  const { call } = await startNetproxy({}, { token: 'x'.repeat(16) });
  const { listen } = (await call('POST', '/proxies', { name: 'it', upstream: server, listen: ':0' })).body;
  expect(listen).toMatch(/^\[::\]:\d+$/);
  expect(await text(await tcpClient(`127.0.0.1:${listen.split(':').at(-1)}`))).toBe('hello');
});

test('there are at most 100 proxies', async () => {
  const proxies = Array.from({ length: 99 }, (_, i) => ({ name: `p${i}`, upstream }));
  const { call } = await startNetproxy({ proxies });
  expect((await call('POST', '/proxies', { name: 'last', upstream })).status).toBe(200);
  expect((await call('POST', '/proxies', { name: 'more', upstream })).body.problems).toEqual([
    { pointer: '', message: 'expected at most 100 proxies' },
  ]);
});
