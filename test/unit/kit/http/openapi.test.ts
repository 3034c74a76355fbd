import { expect, test } from 'vitest';
import { createApp } from '#kit/http/app.ts';
import { controlApp } from '#kit/http/control.ts';
import { serveOpenApi } from '#kit/http/openapi.ts';
import { Metrics } from '#kit/metrics.ts';
import { integer, strict, tagged } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { silent } from '#test/support/serve.ts';

const fields = { ms: integer({ from: 0, to: 10, default: 5 }, 'Time.'), name: Type.String() };

async function documentOf(needsToken = false) {
  const app = createApp(silent);
  serveOpenApi(app, { title: 'Things', description: 'Has things.', needsToken });
  const show = { summary: 'Shows a thing.', answers: { 200: strict(fields) }, problems: { 404: 'None.' } };
  const params = strict({ name: Type.String({ maxLength: 40 }) });
  app.get('/things/:name', { schema: { params }, config: show }, () => ({}));
  const send = {
    summary: 'Sends a thing.',
    body: tagged('kind', { one: strict(fields) }),
    headers: { 'x-class': Type.String() },
    answers: { 202: Type.String(), 204: null },
    contentType: 'text/plain',
    error: Type.Object({ error: Type.String() }),
    isOpen: true,
  };
  app.route({ method: ['POST', 'PATCH'], url: '/things', config: send, handler: () => '' });
  return (await app.inject('/openapi.json')).json();
}

test('serveOpenApi describes parameters, bodies and answers of every route', async () => {
  const { openapi, info, paths } = await documentOf();
  expect(openapi).toMatch(/^3\.1\./);
  expect(info).toMatchObject({ title: 'Things', description: 'Has things.' });
  expect(Object.keys(paths)).toEqual(['/openapi.json', '/things/{name}', '/things']);
  expect(paths['/things/{name}'].get).toMatchObject({
    summary: 'Shows a thing.',
    parameters: [{ name: 'name', in: 'path', required: true, schema: { maxLength: 40 } }],
    responses: {
      200: { content: { 'application/json': { schema: { required: ['ms', 'name'] } } } },
      404: { description: 'None.', content: { 'application/problem+json': {} } },
    },
  });
  expect(paths['/things'].post).toEqual(paths['/things'].patch);
  expect(paths['/things'].post).toMatchObject({
    parameters: [{ name: 'x-class', in: 'header' }],
    requestBody: { content: { 'application/json': { schema: { oneOf: [{ required: ['kind', 'name'] }] } } } },
    responses: { 202: { content: { 'text/plain': {} } }, default: { content: { 'application/json': {} } } },
  });
  expect(paths['/things'].post.responses[204]).not.toHaveProperty('content');
});

test('serveOpenApi names the token, and the routes that need none', async () => {
  const { security, components, paths } = await documentOf(true);
  expect(security).toEqual([{ token: [] }]);
  expect(components.securitySchemes.token).toEqual({ type: 'http', scheme: 'bearer' });
  expect(paths['/things'].post.security).toEqual([]);
  expect(paths['/things/{name}'].get.security).toBeUndefined();
});

test('the document of a control port is as secret as its other routes', async () => {
  const service = {
    name: 'gateway',
    metrics: new Metrics(),
    unready: () => undefined,
    config: { schema: {}, current: () => ({}), parse: () => ({}), apply: () => undefined },
  };
  const token = '0123456789abcdef';
  const get = async (app: ReturnType<typeof controlApp>, headers: Record<string, string>) =>
    (await app.inject({ url: '/openapi.json', headers })).statusCode;
  const secret = controlApp(service, silent, token);
  expect(await get(secret, {})).toBe(401);
  expect(await get(secret, { authorization: `Bearer ${token}` })).toBe(200);
  expect(await get(controlApp(service, silent), { origin: 'http://localhost' })).toBe(403);
});
