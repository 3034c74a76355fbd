import { expect, test, vi } from 'vitest';
import { DownstreamConfig } from '#downstream/config.ts';
import { ApplicationFaultOptions } from '#downstream/faults/config.ts';
import { GatewayConfig } from '#gateway/config.ts';
import { createApp } from '#kit/http/app.ts';
import { parser } from '#kit/schema/parser.ts';
import { strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { NetproxyConfig } from '#netproxy/config.ts';
import { hostileBodies } from '#test/fixtures/hostile.ts';
import { silent } from '#test/support/serve.ts';

const parsers = [GatewayConfig, DownstreamConfig, NetproxyConfig].map((schema) => parser(schema));

function app() {
  const app = createApp(silent);
  parsers.forEach((parse, index) => {
    app.post(`/${index}`, ({ body }) => parse(body));
  });
  const body = strict({ leaseMs: Type.Number(), target: Type.String(), fault: ApplicationFaultOptions });
  app.post(`/${parsers.length}`, { schema: { body } }, () => 'taken');
  return app;
}

const server = app();

test.each(Object.entries(hostileBodies))('createApp refuses 12 KB in 4 KB: %s', async (_, payload) => {
  const headers = { 'content-type': 'application/json' };
  for (let index = 0; index <= parsers.length; index++) {
    const stringify = vi.spyOn(JSON, 'stringify');
    const response = await server.inject({ method: 'POST', url: `/${index}`, headers, payload });
    const written = stringify.mock.results.reduce((sum, { value }) => sum + String(value).length, 0);
    stringify.mockRestore();
    expect(response.statusCode).toBe(400);
    expect(Buffer.byteLength(response.body)).toBeLessThanOrEqual(4096);
    expect(written).toBeLessThan(payload.length);
  }
});

test('createApp says how many problems it leaves out', async () => {
  const fields = Array.from({ length: 4000 }, (_, index) => `"unknown${index}":0`);
  const headers = { 'content-type': 'application/json' };
  const response = await app().inject({
    method: 'POST',
    url: '/0',
    headers,
    payload: `{${fields.join(',')}}`,
  });
  const { problems } = response.json();
  const shown = problems.length - 1;
  expect(problems[0].pointer).toBe('/unknown0');
  expect(shown).toBeGreaterThan(10);
  expect(problems.at(-1)).toEqual({ pointer: '', message: `… and ${4000 - shown} more` });
});
