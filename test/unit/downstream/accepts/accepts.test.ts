import { describe, expect, test } from 'vitest';
import { answerTo, idOf } from '#downstream/accepts/accepts.ts';
import { Accepts, acceptsProblems } from '#downstream/accepts/config.ts';
import { traceparents } from '#kit/http/request.ts';
import { parser } from '#kit/schema/parser.ts';
import { until } from '#test/support/until.ts';
import { rig } from '../rig.ts';

const parse = parser(Accepts);
const seed = 3;

interface Told {
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** Returns the id in a call such as `GET /stock/r1`. */
function idIn(accepts: object, call: string, { headers = {}, body }: Told = {}) {
  const [method = '', url = ''] = call.split(' ');
  return idOf({ method, url, headers, body }, parse(accepts), seed);
}

describe('idOf reads the id', () => {
  test.each([
    ['/stock/{id}', '/stock/r1', 'r1'],
    ['/stock/{id}', '/stock/r1?id=r2', 'r1'],
    ['/stock/{id}', '/stock/a%3Ar1', 'a:r1'],
    ['/stock/order-{id}.json', '/stock/order-r1.json', 'r1'],
    ['/*/stock/{id}/lines', '/v2/stock/r1/lines', 'r1'],
    ['/stock/{id}/*', '/stock/r1/a/b', 'r1'],
  ])('at {id} of %s in %s', (path, url, id) => {
    expect(idIn({ path }, `GET ${url}`)).toBe(id);
  });

  test('in the header x-request-id by default, on any path and with any method', () => {
    const headers = { 'x-request-id': 'r1' };
    for (const call of ['GET /', 'DELETE /a/b?c', 'PUT /x']) expect(idIn({}, call, { headers })).toBe('r1');
  });

  test.each([
    ['a request', traceparents(seed)(70_000), 'r70000'],
    [
      'a request, with the parent id of a span of the service',
      `${traceparents(seed)(7).slice(0, 36)}00f067aa0ba902b7-01`,
      'r7',
    ],
    ['the warm-up', traceparents()(7), 'w7'],
    ['a run with another seed', traceparents(4)(7), null],
    ['another caller', '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', null],
  ])('in the trace of %s', (_of, traceparent, id) => {
    expect(idIn({ id: { header: 'traceparent' } }, 'GET /', { headers: { traceparent } })).toBe(id);
  });

  test.each([
    ['/?order=r1', 'r1'],
    ['/?a&order=a%3Ar1&order=r2', 'a:r1'],
    ['/', null],
  ])('in the query of %s', (url, id) => {
    expect(idIn({ id: { query: 'order' } }, `GET ${url}`)).toBe(id);
  });

  test.each([
    ['order.number', '{"order":{"number":"r1"}}', 'r1'],
    ['items.0.sku', '{"items":[{"sku":"r1"}]}', 'r1'],
    ['order.number', '{"order":null}', null],
    ['constructor.name', '{}', null],
    ['id', '{"id":1}', null],
    ['id', 'id=r1', null],
  ])('in the field %s of the body %s', (field, body, id) => {
    expect(idIn({ id: { body: field } }, 'POST /', { body })).toBe(id);
  });
});

test.each(['', 'a b', 'x'.repeat(129), 'a"b'])('idOf finds no id in the header %j', (said) => {
  expect(idIn({}, 'GET /', { headers: { 'x-request-id': said } })).toBeNull();
});

test.each([
  ['another method', { method: 'GET', path: '/stock/{id}' }, 'POST /stock/r1'],
  ['another path', { path: '/stock/{id}' }, 'GET /stocks/r1'],
  ['a longer path', { path: '/stock/{id}' }, 'GET /stock/r1/lines'],
  ['a shorter path', { path: '/stock/{id}/*' }, 'GET /stock/r1'],
  ['another end', { path: '/stock/{id}.json' }, 'GET /stock/r1'],
])('idOf returns undefined for a call with %s', (_sentence, accepts, call) => {
  expect(idIn(accepts, call)).toBeUndefined();
});

test.each([
  ['two places in the path', { path: '/{id}/{id}' }, '/path'],
  ['no path', { path: 'stock/{id}' }, '/path'],
  ['a query', { path: '/stock?id={id}' }, '/path'],
  ['another placeholder', { path: '/{sku}/{id}' }, '/path'],
  ['places in path and header', { path: '/{id}', id: { header: 'x' } }, '/id'],
  ['the usual path', { path: '/work' }, '/path'],
])('acceptsProblems reports %s', (_sentence, accepts, pointer) => {
  expect(acceptsProblems(parse(accepts))).toMatchObject([{ pointer }]);
});

test('acceptsProblems takes the usual path with another method, and an id in one place', () => {
  for (const accepts of [{}, { path: '/{id}' }, { method: 'PUT', path: '/work' }, { id: { query: 'a' } }])
    expect(acceptsProblems(parse(accepts))).toEqual([]);
});

test('answerTo puts the id into the body, by default as POST /work does', () => {
  const answer = { status: 201, contentType: 'text/plain', body: '{id}: 5 of {id}' };
  expect(answerTo(parse({ answer }), 'r1', false)).toEqual({ ...answer, body: 'r1: 5 of r1' });
  expect(answerTo(parse({}), 'r1', true).body).toBe('{"id":"r1","duplicate":true}');
});

const fixed = { model: { kind: 'fixed', latencyMs: 20 } };
const stock = { ...fixed, accepts: { method: 'GET', path: '/stock/{id}', answer: { body: '{"stock":5}' } } };

test('downstream commits an effect for a call in the form of accepts, and answers as it says', async () => {
  const { traffic, clock, control } = await rig(stock);
  const response = traffic.inject({ url: '/stock/r1', headers: { 'content-type': 'text/xml' } });
  await until(() => clock.pending > 0);
  await clock.run();
  expect((await response).json()).toEqual({ stock: 5 });
  expect((await control.inject('/effects')).body).toContain('"id":"r1","attempt":1');
});

test('downstream takes POST /work as before beside accepts', async () => {
  const { send, clock } = await rig(stock);
  const [response] = await send(['r1']);
  await clock.run();
  expect((await response!).json()).toEqual({ id: 'r1', duplicate: false });
});

test('downstream counts a call without an id, and one of another form, and says what it expected', async () => {
  const { traffic, metric } = await rig({ ...fixed, accepts: { method: 'GET', path: '/stock' } });
  const without = await traffic.inject('/stock');
  expect([without.statusCode, without.json().detail]).toEqual([
    400,
    'expected it in the header x-request-id, as `accepts` says',
  ]);
  const other = await traffic.inject({ method: 'POST', url: '/stocks' });
  expect([other.statusCode, other.json().detail]).toEqual([
    404,
    'expected POST /work, or GET /stock as `accepts` says',
  ]);
  for (const reason of ['id', 'form'])
    expect(await metric(`spillway_refused_calls_total{reason="${reason}"}`)).toBe(1);
});
