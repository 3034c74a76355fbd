import { describe, expect, test } from 'vitest';
import { systemClock } from '#kit/clock.ts';
import { type ClockTimes, type Controlled, controlApp } from '#kit/http/control.ts';
import { createLog } from '#kit/log.ts';
import { Metrics } from '#kit/metrics.ts';
import { clockId } from '#kit/process/clock-id.ts';
import { StorageError } from '#kit/process/storage.ts';
import { parser } from '#kit/schema/parser.ts';
import { strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { interfaceVersion } from '#kit/wire.ts';
import { silent } from '#test/support/serve.ts';

const schema = strict({
  ms: Type.Integer({ default: 120, minimum: 1 }),
  half: Type.Optional(Type.Integer()),
});

const parse = parser(schema, ({ half }) =>
  half === 13 ? [{ pointer: '/half', message: 'expected no 13, got 13' }] : [],
);

interface Config {
  readonly ms: number;
  readonly half?: number;
}

type Keeping = Parameters<typeof controlApp>[3];

function rig({
  token = '',
  keeping,
  clock,
  ...more
}: Partial<Controlled> & { token?: string; keeping?: Keeping; clock?: VirtualClock } = {}) {
  const metrics = new Metrics();
  metrics.counter('spillway_retries_total').inc(2);
  metrics.counter('spillway_attempt_timeouts_total').inc(3);
  let config: Config = { ms: 1 };
  const service: Controlled = {
    name: 'test',
    metrics,
    unready: () => undefined,
    config: {
      current: () => config,
      parse,
      apply(next: Config) {
        config = next;
      },
    },
    ...more,
  };
  const app = controlApp(service, createLog('test', 'silent'), token, keeping, clock);
  return {
    app,
    get: (url: string, headers = {}) => app.inject({ method: 'GET', url, headers }),
    put: (body: object) => app.inject({ method: 'PUT', url: '/config', body }),
  };
}

test('healthz is alive, even when the service is not ready', async () => {
  const { get } = rig({ unready: () => 'the broker is unavailable' });
  expect((await get('/healthz')).json()).toEqual({ status: 'alive', version: interfaceVersion });
});

test('readyz says that it is ready, or why not', async () => {
  const response = await rig().get('/readyz');
  expect([response.statusCode, response.json()]).toEqual([200, { status: 'ready' }]);
  const unready = await rig({ unready: async () => 'the broker is unavailable' }).get('/readyz');
  expect(unready.statusCode).toBe(503);
  expect(unready.headers['content-type']).toMatch(/^application\/problem\+json/);
  expect(unready.json()).toMatchObject({ type: 'urn:spillway:unready', detail: 'the broker is unavailable' });
});

describe('metrics', () => {
  const series = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

  test.each([
    ['all', '/metrics', ['spillway_retries_total 2', 'spillway_attempt_timeouts_total 3']],
    ['one', '/metrics?name[]=spillway_retries_total', ['spillway_retries_total 2']],
    [
      'several, unknown ones left out',
      '/metrics?name[]=spillway_attempt_timeouts_total&name[]=nothing&name[]=spillway_retries_total',
      ['spillway_attempt_timeouts_total 3', 'spillway_retries_total 2'],
    ],
    ['encoded', '/metrics?name%5B%5D=spillway_retries_total', ['spillway_retries_total 2']],
  ])('gives %s', async (_sentence, url, expected) => {
    const response = await rig().get(url);
    expect(response.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(series(response.body)).toEqual(expected);
  });
});

describe('config', () => {
  test('is echoed complete, and is what GET says from then on', async () => {
    const { get, put } = rig();
    expect((await get('/config')).json()).toEqual({ ms: 1 });
    const response = await put({ half: 2 });
    expect([response.statusCode, response.json()]).toEqual([200, { ms: 120, half: 2 }]);
    expect((await get('/config')).json()).toEqual({ ms: 120, half: 2 });
  });

  test.each([
    ['by the schema', { ms: 0, half: 'x', more: 1 }, ['/more', '/ms', '/half']],
    ['by what the schema cannot see', { half: 13 }, ['/half']],
    ['by both', { ms: 0, half: 13 }, ['/ms', '/half']],
  ])('refused %s names all problems and changes nothing', async (_sentence, body, pointers) => {
    const { get, put } = rig();
    const response = await put(body);
    expect(response.statusCode).toBe(400);
    expect(response.json().type).toBe('urn:spillway:invalid');
    expect(response.json().problems.map(({ pointer }: { pointer: string }) => pointer)).toEqual(pointers);
    expect((await get('/config')).json()).toEqual({ ms: 1 });
  });

  test('that cannot be applied is an error, and the next one is applied', async () => {
    const attempts: Config[] = [];
    const { put } = rig({
      config: {
        current: () => attempts.at(-1),
        parse,
        async apply(next: Config) {
          attempts.push(next);
          if (next.half === 1) throw new Error('no broker');
        },
      },
    });
    const failed = await put({ half: 1 });
    expect([failed.statusCode, failed.json().detail]).toEqual([500, 'no broker']);
    expect((await put({ half: 2 })).json()).toEqual({ ms: 120, half: 2 });
  });

  test('that cannot be kept is an error, and is not applied', async () => {
    const { get, put } = rig({
      keeping: async () => {
        throw StorageError.ofFile('CONFIG_FILE: config.json', { code: 'ENOSPC' });
      },
    });
    expect((await put({ ms: 7 })).statusCode).toBe(507);
    expect((await get('/config')).json()).toEqual({ ms: 1 });
  });

  test('of two at once is applied one after the other', async () => {
    const steps: string[] = [];
    let current: Config = { ms: 1 };
    const { put } = rig({
      config: {
        current: () => current,
        parse,
        async apply(next: Config) {
          steps.push(`begin ${next.ms}`);
          await new Promise(setImmediate);
          steps.push(`end ${next.ms}`);
          current = next;
        },
      },
    });
    const echoes = await Promise.all([2, 3].map(async (ms) => (await put({ ms })).json()));
    expect(steps).toEqual(['begin 2', 'end 2', 'begin 3', 'end 3']);
    expect(echoes).toEqual([{ ms: 2 }, { ms: 3 }]);
  });
});

describe('a leased configuration', () => {
  const leaseMs = 5000;
  const kept: unknown[] = [];
  let failures = 0;
  const keeping: Keeping = async (config, apply) => {
    if (failures-- > 0) throw new Error('no broker');
    kept.push(config);
    return apply();
  };
  async function leased() {
    const clock = new VirtualClock();
    const { app, get, put } = rig({ keeping, clock });
    const lease = async (owner = 'run', method: 'PUT' | 'DELETE' = 'PUT') => {
      const url = `/lease/${owner}`;
      return (await app.inject({ method, url, ...(method === 'PUT' && { body: { leaseMs } }) })).json();
    };
    const config = async () => (await get('/config')).json();
    await lease();
    await put({ ms: 2 });
    return { clock, lease, put, config };
  }

  test('falls back to the one from before the lease, which alone is stored', async () => {
    const { clock, put, config } = await leased();
    await put({ ms: 3 });
    await clock.advance(leaseMs - 1);
    expect(await config()).toEqual({ ms: 3 });
    await clock.advance(1);
    expect(await config()).toEqual({ ms: 1 });
    expect(kept).toEqual([{ ms: 1 }]);
  });

  test('stays while its lease is renewed', async () => {
    const { clock, lease, config } = await leased();
    await clock.advance(leaseMs - 1);
    expect(await lease()).toEqual({ isLeased: true });
    await clock.advance(leaseMs - 1);
    expect(await config()).toEqual({ ms: 2 });
  });

  test('falls back at once at the end of its lease', async () => {
    const { lease, config } = await leased();
    await lease('run', 'DELETE');
    expect(await config()).toEqual({ ms: 1 });
  });

  test('belongs to one owner at a time', async () => {
    const { lease, config } = await leased();
    expect(await lease('other')).toEqual({ isLeased: false });
    await lease('other', 'DELETE');
    expect(await config()).toEqual({ ms: 2 });
  });

  test.each(['its lease is over', 'its run ends'])(
    'is replaced later if it can not be when %s',
    async (when) => {
      const { clock, config, lease } = await leased();
      failures = 1;
      if (when === 'its run ends') await lease('run', 'DELETE');
      else await clock.advance(leaseMs);
      expect(await config()).toEqual({ ms: 2 });
      await clock.advance(leaseMs);
      expect(await config()).toEqual({ ms: 1 });
    },
  );
});

describe('with a token', () => {
  const token = '0123456789abcdef';

  test.each([
    ['GET', '/config'],
    ['PUT', '/config'],
    ['GET', '/metrics'],
    ['GET', '/readyz'],
    ['GET', '/nothing'],
  ] as const)('%s %s is refused without it', async (method, url) => {
    const { app } = rig({ token });
    for (const authorization of [
      undefined,
      'Bearer ',
      `Bearer ${token}x`,
      `Bearer ${token.toUpperCase()}`,
      token,
    ]) {
      const response = await app.inject({
        method,
        url,
        headers: { ...(authorization && { authorization }) },
      });
      expect(response.statusCode).toBe(401);
      expect(response.headers['www-authenticate']).toBe('Bearer');
      expect(response.json()).toMatchObject({ type: 'urn:spillway:unauthorised' });
    }
  });

  test('health needs none', async () => {
    expect((await rig({ token }).get('/healthz')).statusCode).toBe(200);
  });
});

describe('without a token', () => {
  test.each([
    ['a web page', { origin: 'http://localhost:3000' }],
    ['a page that has rebound its name', { host: 'rebound.example:4111' }],
    ['another machine', { host: '192.168.0.7:4111' }],
  ])('the port refuses %s, and does nothing', async (_sentence, headers) => {
    const { app, get } = rig();
    const refused = await app.inject({ method: 'PUT', url: '/config', headers, body: { ms: 2 } });
    expect([refused.statusCode, refused.json().type]).toEqual([403, 'urn:spillway:forbidden']);
    expect((await get('/config')).json()).toEqual({ ms: 1 });
    expect((await get('/metrics', headers)).statusCode).toBe(403);
  });

  test.each(['localhost:4111', '127.0.0.1:4111', '127.0.0.2', '[::1]:4111', 'LOCALHOST'])(
    'the port answers by the name %s',
    async (host) => {
      expect((await rig().get('/config', { host })).statusCode).toBe(200);
    },
  );

  test('a token opens the port by any name', async () => {
    const headers = { host: 'gateway:8081', origin: 'http://gateway', authorization: 'Bearer secret' };
    expect((await rig({ token: 'secret' }).get('/config', headers)).statusCode).toBe(200);
  });
});

test('controlApp counts each call that changes something, and none that is refused or only reads', async () => {
  const app = controlApp(
    {
      name: 'test',
      metrics: new Metrics(),
      unready: () => undefined,
      config: { current: () => ({}), parse: parser(strict({})), apply: () => undefined },
      control: (app) => app.delete('/faults/:name', () => []),
    },
    createLog('test', 'silent'),
  );
  const call = (method: 'GET' | 'PUT' | 'DELETE', url: string, body?: object) =>
    app.inject({ method, url, ...(body && { body }) });
  await call('PUT', '/config', {});
  await call('PUT', '/config', { unknown: 1 });
  await call('GET', '/config');
  await call('DELETE', '/faults/slow');
  await call('DELETE', '/nowhere');
  const { body } = await call('GET', '/metrics?name[]=spillway_control_changes_total');
  expect(body.split('\n').filter((line) => line && !line.startsWith('#'))).toEqual([
    'spillway_control_changes_total{resource="config"} 1',
    'spillway_control_changes_total{resource="faults"} 1',
  ]);
});

test('the control port tells when a call arrived and when it was answered, on the clock of the machine', async () => {
  const config = { current: () => ({}), parse: () => ({}), apply: () => undefined };
  const app = controlApp({ name: 'test', config, metrics: new Metrics(), unready: () => undefined }, silent);
  const beforeMs = systemClock.now();
  const answer = await app.inject({ method: 'GET', url: '/clock' });
  const { receivedMs, answeredMs, clockId: id } = answer.json<ClockTimes>();
  const times = [beforeMs, receivedMs, answeredMs, systemClock.now()];
  expect(times).toEqual(times.toSorted((a, b) => a - b));
  expect(id).toBe(clockId);
});
