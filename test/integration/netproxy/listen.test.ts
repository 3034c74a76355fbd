import type { LookupOptions } from 'node:dns';
import dns from 'node:dns/promises';
import { syncBuiltinESMExports } from 'node:module';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { startNetproxy, tcpClient, tcpServer } from '#test/support/proxied.ts';

/** Action of a test that runs during each look-up of a name. */
let meanwhile = async (): Promise<unknown> => undefined;
afterEach(() => {
  meanwhile = async () => undefined;
});

/** Control token. Without a token, proxies may listen on loopback only. */
const token = 'x'.repeat(16);

/** Resolves every name to ::1 first. Names in `.invalid` are unknown. */
async function lookup(host: string, { order }: LookupOptions = {}) {
  await meanwhile();
  if (host.endsWith('.invalid')) throw new Error(`getaddrinfo ENOTFOUND ${host}`);
  return order === 'ipv4first' ? { address: '127.0.0.1', family: 4 } : { address: '::1', family: 6 };
}

beforeAll(() => {
  vi.spyOn(dns, 'lookup').mockImplementation(lookup as typeof dns.lookup);
  syncBuiltinESMExports();
});
afterAll(() => {
  vi.mocked(dns.lookup).mockRestore();
  syncBuiltinESMExports();
});

/** Starts a proxy that listens on `listen`, before a server that sends `hello`. */
async function rig(listen: string) {
  const upstream = await tcpServer((socket) => socket.end('hello'));
  const proxy = await startNetproxy({}, { token });
  const { body } = await proxy.call('POST', '/proxies', { name: 'it', listen, upstream });
  return { ...proxy, upstream, shown: body.listen as string };
}

test('a proxy listens on the IPv4 address of a name that has one', async () => {
  const { shown } = await rig('localhost:0');
  expect(shown).toMatch(/^127\.0\.0\.1:/);
  expect(await text(await tcpClient(shown))).toBe('hello');
});

test('a proxy without a host listens on every address, and populate finds it there', async () => {
  const { call, shown, upstream } = await rig(':0');
  const port = shown.split(':').at(-1);
  expect(shown).toBe(`[::]:${port}`);
  expect(await text(await tcpClient(`127.0.0.1:${port}`))).toBe('hello');
  await call('POST', '/proxies/it/toxics', { type: 'latency' });
  const { body } = await call('POST', '/populate', [{ name: 'it', listen: `:${port}`, upstream }]);
  expect(body.proxies).toMatchObject([{ listen: shown, toxics: [{ type: 'latency' }] }]);
});

test('populate says how far it came when a name leads nowhere', async () => {
  const { call, upstream } = await rig('localhost:0');
  const proxies = [
    { name: 'first', upstream },
    { name: 'it', upstream, listen: 'nowhere.invalid:0' },
  ];
  expect(await call('POST', '/populate', proxies)).toMatchObject({
    status: 500,
    body: { error: 'getaddrinfo ENOTFOUND nowhere.invalid', proxies: [{ name: 'first' }] },
  });
});
