import { text } from 'node:stream/consumers';
import { Toxiproxy } from 'toxiproxy-node-client';
import { expect, test } from 'vitest';
import { startNetproxy, tcpClient, tcpServer } from '#test/support/proxied.ts';

const upstream = '127.0.0.1:1';
const it = { name: 'it', listen: '127.0.0.1:0', upstream };
const latency = { name: 'slow', type: 'latency', attributes: { latency: 5, jitter: 1 } };

/** Starts a netproxy with a proxy `it` that has a toxic `slow`. */
async function rig() {
  const proxy = await startNetproxy({}, { token: 'x'.repeat(16) });
  await proxy.call('POST', '/proxies', it);
  await proxy.call('POST', '/proxies/it/toxics', latency);
  return proxy;
}

test('toxiproxy-node-client drives it unchanged', async () => {
  const address = await tcpServer((socket) => socket.end('hello'));
  const { url } = await startNetproxy();
  const client = new Toxiproxy(url);
  expect(JSON.parse(await client.getVersion())).toEqual({ version: '2.12.0' });

  const proxy = await client.createProxy({ name: 'it', listen: '127.0.0.1:0', upstream: address });
  expect(proxy.enabled).toBe(true);
  expect(await text(await tcpClient(proxy.listen))).toBe('hello');

  const toxic = await proxy.addToxic({
    name: 'cut',
    type: 'timeout',
    stream: 'downstream',
    toxicity: 1,
    attributes: { timeout: 1 },
  });
  expect(await text(await tcpClient(proxy.listen))).toBe('');
  const updated = await toxic.update({ ...toxic.toJson(), attributes: { timeout: 2 } });
  expect(updated.attributes).toEqual({ timeout: 2 });
  expect((await proxy.getToxic('cut')).toJson()).toEqual(updated.toJson());
  await toxic.remove();
  expect(await text(await tcpClient(proxy.listen))).toBe('hello');
  await expect(proxy.getToxic('cut')).rejects.toMatchObject({ message: expect.stringContaining('404') });

  const down = await proxy.update({ enabled: false, listen: proxy.listen, upstream: proxy.upstream });
  expect(down.enabled).toBe(false);
  await client.reset();
  expect((await client.get('it')).enabled).toBe(true);

  const populated = await client.populate([
    { name: 'it', listen: proxy.listen, upstream: proxy.upstream },
    { name: 'other', listen: '127.0.0.1:0', upstream: address },
  ]);
  expect(Object.keys(populated)).toEqual(['it', 'other']);
  expect(populated.it!.listen).toBe(proxy.listen);
  await populated.other!.remove();
  expect(Object.keys(await client.getAll())).toEqual(['it']);
});

test.each([
  ['latency', { latency: 0, jitter: 0 }],
  ['bandwidth', { rate: 0 }],
  ['timeout', { timeout: 0 }],
  ['reset_peer', { timeout: 0 }],
])(
  'a toxic %s without attributes has %j, the stream downstream and a name made of both',
  async (type, attributes) => {
    const { call } = await rig();
    expect(await call('POST', '/proxies/it/toxics', { type })).toEqual({
      status: 200,
      body: { name: `${type}_downstream`, type, stream: 'downstream', toxicity: 1, attributes },
    });
  },
);

const toxics = '/proxies/it/toxics';
const slow = (attributes: object) => ({ type: 'latency', attributes });
const of = (name: string, upstream: string) => ({ name, upstream });
const tooDeep = `{"enabled":${'['.repeat(30_000)}${']'.repeat(30_000)}}`;

/** Invalid calls with the status and error of Toxiproxy, or with others if Toxiproxy would crash or accept the call. */
const wrong: [method: string, path: string, body: unknown, status: number, error: string][] = [
  ['POST', '/proxies', '{', 400, 'bad request body: '],
  ['POST', '/proxies', tooDeep, 400, 'bad request body: expected at most 100 levels of nesting'],
  ['POST', '/proxies', '[]', 400, 'bad request body: expected an object'],
  ['POST', '/proxies', { upstream }, 400, 'missing required field: name'],
  ['POST', '/proxies', { name: 'new' }, 400, 'missing required field: upstream'],
  ['POST', '/proxies', of('new', 'nowhere'), 400, ': upstream: expected host:port, got "nowhere"'],
  ['POST', '/proxies', of('new', 'a\0b:80'), 400, ': upstream: expected host:port, got "a\\u0000b:80"'],
  ['POST', '/proxies', { name: 'new', upstream, listen: 7 }, 400, ': /listen: expected a text, got 7'],
  ['POST', '/proxies', { name: 'new', upstream, listen: '192.0.2.1:80' }, 500, 'listen EADDRNOTAVAIL'],
  ['POST', '/proxies', it, 409, 'proxy already exists'],
  ['GET', '/proxies/none', undefined, 404, 'proxy not found'],
  ['PATCH', '/proxies/none', {}, 404, 'proxy not found'],
  ['PATCH', '/proxies/it', { upstream: 'x' }, 400, 'bad request body: upstream: expected host:port, got "x"'],
  ['PATCH', '/proxies/it', { listen: 'x' }, 400, 'bad request body: listen: expected host:port, got "x"'],
  ['DELETE', '/proxies/none', undefined, 404, 'proxy not found'],
  ['POST', toxics, {}, 400, 'invalid toxic type'],
  ['POST', toxics, { type: 'down' }, 400, 'invalid toxic type'],
  ['POST', toxics, { type: 'latency', stream: 'up' }, 400, 'stream was invalid, can be either'],
  ['POST', toxics, latency, 409, 'toxic already exists'],
  ['POST', toxics, slow({ latency: 'x' }), 400, '/attributes/latency: expected a whole number, got "x"'],
  ['POST', toxics, slow({ latenzy: 1 }), 400, 'latenzy: unknown field, did you mean latency?'],
  ['POST', toxics, { type: 'latency', toxicity: 2 }, 400, '/toxicity: expected a number <= 1, got 2'],
  ['GET', `${toxics}/none`, undefined, 404, 'toxic not found'],
  ['PATCH', `${toxics}/none`, {}, 404, 'toxic not found'],
  ['PATCH', `${toxics}/slow`, { attributes: { jitter: -1 } }, 400, '/jitter: expected a number >= 0'],
  ['DELETE', `${toxics}/none`, undefined, 404, 'toxic not found'],
  ['POST', '/populate', {}, 400, 'bad request body: expected an array of proxies'],
  ['POST', '/populate', [{ name: 'new', upstream }, { name: 'worse' }], 400, 'field: upstream at proxy 2'],
];

test.each(wrong)(
  '%s %s %j is refused with %i, and nothing changes',
  async (method, path, body, status, error) => {
    const { call } = await rig();
    const before = await call('GET', '/proxies');
    const answer = await call(method, path, body);
    expect(answer).toMatchObject({ status, body: { status, error: expect.stringContaining(error) } });
    expect(await call('GET', '/proxies')).toEqual(before);
  },
);

test('a change keeps the fields that it does not name', async () => {
  const { call } = await rig();
  expect((await call('PATCH', '/proxies/it/toxics/slow', { attributes: { latency: 7 } })).body).toMatchObject(
    {
      toxicity: 1,
      attributes: { latency: 7, jitter: 1 },
    },
  );
  expect((await call('POST', '/proxies/it/toxics/slow', { toxicity: 0.5 })).body).toMatchObject({
    toxicity: 0.5,
    attributes: { latency: 7, jitter: 1 },
  });
  const { body: before } = await call('GET', '/proxies/it');
  expect((await call('POST', '/proxies/it', { enabled: false })).body).toEqual({ ...before, enabled: false });
});

test('toxics are shown with those to upstream first', async () => {
  const { call } = await rig();
  await call('POST', '/proxies/it/toxics', { type: 'timeout', stream: 'upstream' });
  const names = (await call('GET', '/proxies/it/toxics')).body.map(({ name }: { name: string }) => name);
  expect(names).toEqual(['timeout_upstream', 'slow']);
});

test('a toxic on a hop is exported as a fault, by the names of proxy and toxic', async () => {
  const { url, call } = await rig();
  const faults = async () =>
    (await (await fetch(`${url}/metrics`)).text()).match(/^spillway_fault_active.*/gm);
  expect(await faults()).toEqual(['spillway_fault_active{fault="slow",target="it",kind="latency"} 1']);
  await call('DELETE', '/proxies/it/toxics/slow');
  expect(await faults()).toBe(null);
});
