import { describe, expect, test } from 'vitest';
import { createApp, defaultLimits } from '#kit/http/app.ts';
import { createLog } from '#kit/log.ts';
import { strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';

function app() {
  const app = createApp(createLog('test', 'silent'));
  const body = strict({
    id: Type.String(),
    times: Type.Integer({ default: 1 }),
    payload: Type.Optional(Type.Unknown()),
  });
  app.get('/things', () => 'things');
  app.post('/things', { schema: { body } }, (request) => request.body);
  app.delete('/things/:name', () => 'gone');
  app.put('/broken', () => {
    throw new TypeError('the bug');
  });
  return app;
}

const json = (payload: string) => ({
  method: 'POST' as const,
  url: '/things',
  headers: { 'content-type': 'application/json' },
  payload,
});

test('createApp takes a DELETE without a body, regardless of its content type', async () => {
  const response = await app().inject({ ...json(''), method: 'DELETE', url: '/things/one' });
  expect([response.statusCode, response.body]).toEqual([200, 'gone']);
});

test.each(['{"__proto__":{}}', '{"payload":[{"__pr\\u006fto__":{}}]}'])(
  'createApp refuses a prototype: %s',
  async (text) => {
    const response = await app().inject(json(text));
    expect([response.statusCode, response.json().problems]).toEqual([
      400,
      [{ pointer: '', message: 'expected no key __proto__' }],
    ]);
  },
);

describe('createApp answers as a problem', () => {
  test.each([
    ['malformed JSON', json('{"id":'), 400, 'invalid'],
    ['no body', json(''), 400, 'invalid'],
    ['a body that its schema refuses', json('{"id":7}'), 400, 'invalid'],
    ['no content type', { ...json('{"id":"r1"}'), headers: { 'content-type': '' } }, 415, 'invalid'],
    ['text', { ...json('{"id":"r1"}'), headers: { 'content-type': 'text/plain' } }, 415, 'invalid'],
    [
      'a form',
      { ...json('id=r1'), headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      415,
      'invalid',
    ],
    ['an unknown path', { method: 'GET' as const, url: '/thing?x=1' }, 404, 'not-found'],
    ['an unknown method of a path', { method: 'PATCH' as const, url: '/things' }, 404, 'not-found'],
    ['a path that is no text', { method: 'GET' as const, url: '/%zz' }, 400, 'invalid'],
    ['a bug', { method: 'PUT' as const, url: '/broken' }, 500, 'internal'],
  ])('%s', async (_sentence, request, status, name) => {
    const response = await app().inject(request);
    expect(response.statusCode).toBe(status);
    expect(response.headers['content-type']).toMatch(/^application\/problem\+json/);
    expect(response.json()).toMatchObject({ type: `urn:spillway:${name}`, status });
    expect(response.json().title).not.toBe('');
  });

  test('a body that is too large, and takes one of just the limit', async () => {
    const sized = (bytes: number) => json(JSON.stringify({ id: 'x'.repeat(bytes - '{"id":""}'.length) }));
    expect((await app().inject(sized(defaultLimits.bodyBytes))).statusCode).toBe(200);
    const response = await app().inject(sized(defaultLimits.bodyBytes + 1));
    expect(response.statusCode).toBe(413);
    expect(response.json()).toMatchObject({
      type: 'urn:spillway:too-large',
      detail: `expected at most ${defaultLimits.bodyBytes} bytes`,
    });
  });

  test('a body nested too deep, even as deep as its size allows, and takes one of just the limit', async () => {
    const nested = (levels: number) =>
      app().inject(json(`{"id":"r1","payload":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`));
    expect((await nested(100)).statusCode).toBe(200);
    for (const levels of [101, defaultLimits.bodyBytes / 2 - 20]) {
      const response = await nested(levels);
      expect(response.statusCode).toBe(400);
      expect(response.json().problems).toEqual([
        { pointer: '', message: 'expected at most 100 levels of nesting' },
      ]);
    }
  });
});

test('createApp validates with our schemas: defaults, and all problems at once', async () => {
  expect((await app().inject(json('{"id":"r1"}'))).json()).toEqual({ id: 'r1', times: 1 });
  expect((await app().inject(json('{"times":"1","a":2}'))).json().problems).toEqual([
    { pointer: '', message: 'missing required field id' },
    { pointer: '/a', message: 'unknown field, expected one of id, times, payload' },
    { pointer: '/times', message: 'expected a whole number, got "1"' },
  ]);
});
