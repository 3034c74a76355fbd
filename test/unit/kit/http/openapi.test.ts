import { expect, test } from 'vitest';
import { createApp } from '#kit/http/app.ts';
import { controlApp } from '#kit/http/control.ts';
import { type Port, serveOpenApi } from '#kit/http/openapi.ts';
import { Metrics } from '#kit/metrics.ts';
import { integer, strict, tagged } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { silent } from '#test/support/serve.ts';

const params = strict({ name: Type.String({ maxLength: 40 }) });
const querystring = strict({ sinceMs: Type.Optional(Type.String()), of: Type.String() });
const body = strict({ ms: integer(0, 10, 'Time.', 5), name: Type.String() });
const answer = strict({ ms: integer(0, 10, 'Time.', 5) });

/** Returns the OpenAPI document of a port that has every kind of route. */
async function documentOf(more: Partial<Port> = {}) {
  const app = createApp(silent);
  serveOpenApi(app, { title: 'Things', description: 'Has things.', ...more });
  const show = { summary: 'Shows a thing.', answers: { 200: answer }, problems: { 404: 'There is none.' } };
  app.get('/things/:name', { schema: { params, querystring }, config: show }, () => ({}));
  const change = { summary: 'Changes a thing.', answers: { 204: null }, isOpen: true };
  app.route({
    method: ['POST', 'PATCH'],
    url: '/things',
    schema: { body },
    config: change,
    handler: () => '',
  });
  const send = {
    summary: 'Sends a thing.',
    body: tagged('kind', { one: strict({}) }),
    headers: { 'x-class': Type.String() },
    answers: { 202: Type.String() },
    contentType: 'text/plain',
    error: Type.Object({ error: Type.String() }),
  };
  app.put('/sent', { config: send }, () => '');
  const ask = { summary: 'Asks.', answers: { 200: answer } };
  app.get('/asked', { schema: { querystring }, config: ask }, () => ({}));
  app.get('/named/:name', { schema: { params }, config: ask }, () => ({}));
  return (await app.inject('/openapi.json')).json();
}

test('serveOpenApi lists each route once by its methods, without HEAD', async () => {
  const { openapi, info, paths } = await documentOf();
  expect(openapi).toMatch(/^3\.1\./);
  expect(info).toMatchObject({ title: 'Things', description: 'Has things.' });
  const methods = Object.entries<object>(paths).map(([path, of]) => [path, Object.keys(of)]);
  expect(Object.fromEntries(methods)).toEqual({
    '/openapi.json': ['get'],
    '/things/{name}': ['get'],
    '/things': ['post', 'patch'],
    '/sent': ['put'],
    '/asked': ['get'],
    '/named/{name}': ['get'],
  });
});

test('serveOpenApi describes parameters of path, query and header', async () => {
  const { paths } = await documentOf();
  expect(paths['/things/{name}'].get.parameters).toEqual([
    { name: 'name', in: 'path', required: true, schema: { type: 'string', maxLength: 40 } },
    { name: 'sinceMs', in: 'query', required: false, schema: { type: 'string' } },
    { name: 'of', in: 'query', required: true, schema: { type: 'string' } },
  ]);
  expect(paths['/sent'].put.parameters).toEqual([
    { name: 'x-class', in: 'header', required: false, schema: { type: 'string' } },
  ]);
});

test('serveOpenApi requires a field with a default of an answer, and not of a request', async () => {
  const { paths } = await documentOf();
  const { requestBody } = paths['/things'].post;
  expect(requestBody.content['application/json'].schema.required).toEqual(['name']);
  const shown = paths['/things/{name}'].get.responses[200];
  expect(shown.content['application/json'].schema.required).toEqual(['ms']);
});

test('serveOpenApi describes answers by status, with problems unless the route has other errors', async () => {
  const { paths } = await documentOf({ problems: { 403: 'From a web page.' } });
  const problem = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } };
  const { responses } = paths['/things/{name}'].get;
  expect(Object.keys(responses)).toEqual(['200', '400', '403', '404', 'default']);
  expect(responses[400].content).toEqual(problem);
  expect(responses[404]).toEqual({ description: 'There is none.', content: problem });
  expect(paths['/things'].post.responses[204]).toEqual({ description: expect.any(String) });
  const sent = paths['/sent'].put.responses;
  expect(sent[202].content).toEqual({ 'text/plain': { schema: { type: 'string' } } });
  expect(sent[400].content).toHaveProperty('application/json');
  expect(sent[403].content).toEqual(problem);
});

test('serveOpenApi lists 400 for each route whose body, query or path is checked, and for no other', async () => {
  const { paths } = await documentOf();
  const operations = Object.entries<Record<string, { responses: object }>>(paths).flatMap(([path, of]) =>
    Object.entries(of).map(([method, { responses }]) => [`${method} ${path}`, '400' in responses]),
  );
  expect(Object.fromEntries(operations)).toEqual({
    'get /openapi.json': false,
    'get /things/{name}': true,
    'get /asked': true,
    'get /named/{name}': true,
    'post /things': true,
    'patch /things': true,
    'put /sent': true,
  });
});

test('serveOpenApi lists the errors of the port for a route without a token, but not that of a token', async () => {
  const listed = async (port: Partial<Port>) =>
    Object.keys((await documentOf(port)).paths['/things'].post.responses);
  expect(await listed({ problems: { 403: 'From a web page.' } })).toContain('403');
  expect(await listed({ problems: { 401: 'No token.' }, needsToken: true })).not.toContain('401');
});

test('serveOpenApi leaves out discriminators, which need named schemas', async () => {
  const document = await documentOf();
  expect(document.paths['/sent'].put.requestBody.content['application/json'].schema.oneOf).toHaveLength(1);
  expect(JSON.stringify(document)).not.toContain('discriminator');
});

test('serveOpenApi names the token, and the routes that need none', async () => {
  const { security, components, paths } = await documentOf({ needsToken: true });
  expect(security).toEqual([{ token: [] }]);
  expect(components.securitySchemes.token).toEqual({ type: 'http', scheme: 'bearer' });
  expect(paths['/things'].post.security).toEqual([]);
  expect(paths['/sent'].put.security).toBeUndefined();
  expect((await documentOf()).security).toEqual([]);
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
  const open = controlApp(service, silent);
  expect(await get(open, { origin: 'http://localhost' })).toBe(403);
  expect(await get(open, {})).toBe(200);
});
