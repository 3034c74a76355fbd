import { expect, test } from 'vitest';
import { startNetproxy } from '#test/support/proxied.ts';

const upstream = '127.0.0.1:1';
const it = { name: 'it', upstream };

test('a configuration is refused with all problems and their places', async () => {
  const { put } = await startNetproxy({ proxies: [it] });
  const { problems } = (await put({ proxies: [it, { ...it, listen: 'x' }] })).json();
  expect(problems.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
    '/proxies/1/listen',
    '/proxies/1/name',
  ]);
});

test('the configuration stays as it was when a proxy of a new one cannot listen', async () => {
  const { call, put } = await startNetproxy({ proxies: [it] }, { token: 'x'.repeat(16) });
  const before = (await call('GET', '/config')).body;
  const bad = { name: 'bad', upstream, listen: '192.0.2.1:80' };
  expect((await put({ proxies: [{ name: 'new', upstream }, bad] })).statusCode).toBe(500);
  expect((await call('GET', '/config')).body).toEqual(before);
});

test.each<[string, object, string, string]>([
  ['whose name is taken', it, '/name', 'is taken'],
  ['without an upstream', { name: 'new' }, '', 'missing required field upstream'],
  ['to no address', { name: 'new', upstream: 'a' }, '/upstream', 'expected host:port, got "a"'],
  [
    'to an address with a NUL byte',
    { name: 'new', upstream: 'a\0b:80' },
    '/upstream',
    'expected host:port, got "a\\u0000b:80"',
  ],
])('a proxy %s is refused, and nothing changes', async (_what, proxy, pointer, message) => {
  const { call } = await startNetproxy({ proxies: [it] });
  const before = (await call('GET', '/config')).body;
  const { status, body } = await call('POST', '/proxies', proxy);
  expect([status, body.problems]).toEqual([400, [{ pointer, message }]]);
  expect((await call('GET', '/config')).body).toEqual(before);
});
