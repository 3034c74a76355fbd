import { expect, test } from 'vitest';
import { startNetproxy } from '#test/support/proxied.ts';

const upstream = '127.0.0.1:1';
const latency = { name: 'slow', type: 'latency', attributes: { latency: 5 } };
const it = { name: 'it', upstream, toxics: [latency] };
const rig = () => startNetproxy({ proxies: [it] });

test('the configuration is what there is, and replaces it', async () => {
  const { call, put } = await rig();
  const { proxies } = (await call('GET', '/config')).body;
  expect(proxies).toMatchObject([{ name: 'it', toxics: [{ name: 'slow' }] }]);
  await put({ proxies: [{ name: 'new', upstream }] });
  expect(Object.keys((await call('GET', '/proxies')).body)).toEqual(['new']);
});

test('a configuration is refused with all that is wrong and where', async () => {
  const { put } = await rig();
  const twice = {
    ...it,
    listen: 'x',
    toxics: [
      latency,
      latency,
      { ...latency, type: 'slicer', attributes: { average_size: 1, size_variation: 1 } },
    ],
  };
  const { problems } = (await put({ proxies: [it, twice] })).json();
  expect(problems.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
    '/proxies/1/listen',
    '/proxies/1/name',
    '/proxies/1/toxics/1/name',
    '/proxies/1/toxics/2/attributes/size_variation',
    '/proxies/1/toxics/2/name',
  ]);
});

test('a configuration to start with is refused with what contradicts itself, too', async () => {
  const wrong = { seed: 'x', proxies: [it, it] };
  await expect(startNetproxy(wrong)).rejects.toThrow(/\/seed: .*\/proxies\/1\/name: is taken/);
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
