import { expect, test } from 'vitest';
import { startNetproxy } from '#test/support/proxied.ts';

const upstream = '127.0.0.1:1';
const it = { name: 'it', upstream };

test.each([':0', '0.0.0.0:0', '[::]:0', '192.0.2.1:0', 'example.com:0', '127.0.0.1.example.com:0'])(
  'without a token no proxy listens at %s',
  async (listen) => {
    const open = { ...it, listen, enabled: false };
    const message = `expected a loopback address such as 127.0.0.1:0, unless CONTROL_TOKEN is set, got "${listen}"`;
    const { call, put } = await startNetproxy({ proxies: [it] });
    const { body: before } = await call('GET', '/proxies');
    const refused = (where: string) => ({
      status: 400,
      error: `bad request body: listen${where}: ${message}`,
    });

    expect(await call('POST', '/proxies', { ...open, name: 'new' })).toMatchObject({ body: refused('') });
    for (const method of ['POST', 'PATCH'])
      expect(await call(method, '/proxies/it', open)).toMatchObject({ body: refused('') });
    expect(await call('POST', '/populate', [{ ...it, name: 'new' }, open])).toMatchObject({
      body: refused(' at proxy 2'),
    });
    const config = { proxies: [it, { ...open, name: 'new' }] };
    expect((await put(config)).json().problems).toEqual([{ pointer: '/proxies/1/listen', message }]);
    expect((await call('GET', '/proxies')).body).toEqual(before);
    await expect(startNetproxy(config)).rejects.toThrow(`/proxies/1/listen: ${message}`);
  },
);

test.each(['127.0.0.2:0', '[::1]:0', 'localhost:0'])(
  'without a token a proxy listens at %s',
  async (listen) => {
    const { call } = await startNetproxy();
    expect((await call('POST', '/proxies', { ...it, listen })).status).toBe(201);
  },
);

test('with a token a proxy listens at every address', async () => {
  const { call } = await startNetproxy({}, { token: 'x'.repeat(16) });
  expect((await call('POST', '/proxies', { ...it, listen: ':0' })).status).toBe(201);
});

test('there are at most 100 proxies', async () => {
  const proxies = Array.from({ length: 99 }, (_, i) => ({ name: `p${i}`, upstream, enabled: false }));
  const { call } = await startNetproxy({ proxies });
  const refused = { status: 409, error: 'expected at most 100 proxies' };
  const [last, more] = ['last', 'more'].map((name) => ({ name, upstream }));
  expect(await call('POST', '/populate', [last, more])).toMatchObject({
    body: { ...refused, proxies: [{ name: 'last' }] },
  });
  expect(await call('POST', '/proxies', more)).toEqual({ status: 409, body: refused });
  await call('DELETE', '/proxies/p0');
  expect((await call('POST', '/proxies', more)).status).toBe(201);
});

test('a proxy has at most 50 toxics', async () => {
  const { call } = await startNetproxy({ proxies: [it] });
  const add = (name: string) => call('POST', '/proxies/it/toxics', { name, type: 'latency' });
  for (let i = 0; i < 49; i += 1) await add(`t${i}`);
  expect((await add('last')).status).toBe(200);
  expect(await add('more')).toEqual({
    status: 409,
    body: { status: 409, error: 'expected at most 50 toxics on a proxy' },
  });
  expect((await call('GET', '/proxies/it/toxics')).body).toHaveLength(50);
});
