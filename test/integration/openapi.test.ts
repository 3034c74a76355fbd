import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { FastifyInstance } from 'fastify';
import { describe, expect, onTestFinished, test } from 'vitest';
import { consumer } from '#consumer/consumer.ts';
import { downstream } from '#downstream/downstream.ts';
import { EffectLog } from '#downstream/effects.ts';
import { gateway } from '#gateway/gateway.ts';
import { Upstream } from '#kit/http-client/upstream.ts';
import { catalogue, Metrics, trackProcess } from '#kit/metrics.ts';
import { checker } from '#kit/schema/parser.ts';
import type { Service, ServiceParts } from '#kit/service.ts';
import { stallRoute } from '#kit/stalls.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { steady } from '#load/steady/steady.ts';
import type { NetproxyConfig } from '#netproxy/config.ts';
import { netproxy } from '#netproxy/netproxy.ts';
import { publisher } from '#publisher/publisher.ts';
import { requests, type Sent } from '#test/fixtures/requests.ts';
import { testFolder } from '#test/support/folder.ts';
import { type Document, type Operation, operationsOf, withRoutes } from '#test/support/http-page.ts';
import { lint } from '#test/support/lint-openapi.ts';
import { withNats } from '#test/support/nats.ts';
import { hold, silent } from '#test/support/serve.ts';
import { done, stubDownstream } from '#test/support/stub-downstream.ts';
import { read } from '#test/tidy/tree.ts';

const nats = withNats();

const upstream = async () => new Upstream((await stubDownstream(done)).url);
const completions = { listen: async () => () => undefined, close: async () => undefined };
const nowhere = 'http://127.0.0.1:1';

/** Functions that build each service with an HTTP port. */
const build = {
  gateway: async (parts) => gateway({ ...parts, upstream: await upstream() }),
  publisher: async (parts) => publisher({ ...parts, broker: await nats.connect() }),
  consumer: async (parts) => consumer({ ...parts, broker: await nats.connect(), upstream: await upstream() }),
  downstream: async (parts) =>
    downstream({ ...parts, effects: new EffectLog(join(testFolder(), 'effects.ndjson')) }),
  netproxy: async (parts) => {
    const initial = { proxies: [{ name: 'hop', upstream: '127.0.0.1:1' }] };
    const service = await netproxy({ ...parts, env: { CONTROL_TOKEN: '' }, initial });
    // Connects once, since the metric of bytes exists only after the first connection.
    const { proxies } = service.config.current() as NetproxyConfig;
    await once(connect(Number(proxies[0]!.listen.split(':')[1])), 'close');
    return service;
  },
  load: ({ metrics }) =>
    steady({
      metrics,
      completions,
      clock: new VirtualClock(), // this clock stands still, so that no request is sent
      targets: { rpc: nowhere, event: nowhere },
    }),
} satisfies Record<string, (parts: ServiceParts) => Promise<Service>>;
type Name = keyof typeof build;
const names = Object.keys(build) as Name[];

async function start(name: Name) {
  const metrics = new Metrics();
  const loop = trackProcess(metrics);
  onTestFinished(() => loop.stop());
  const service = await build[name]({ log: silent, metrics });
  const { control } = hold(service);
  stallRoute(control, loop);
  return { metrics, control, traffic: service.traffic };
}

const documentOf = async (app: FastifyInstance): Promise<Document> =>
  (await app.inject('/openapi.json')).json();

/** Operation of a port. `route` is its method and path, as in the document. */
interface Route {
  readonly app: FastifyInstance;
  readonly document: Document;
  readonly route: string;
  readonly operation: Operation;
  readonly pattern: RegExp;
}

async function routesOf(app: FastifyInstance): Promise<Route[]> {
  const document = await documentOf(app);
  return operationsOf(document).map(([route, operation]) => {
    const path = route.replaceAll('.', '\\.').replace(/\{\w+\}/g, '[^/?]+');
    return { app, document, route, operation, pattern: new RegExp(`^${path}(\\?|$)`) };
  });
}

/** Sends a request. Expects body and answer to be as the document says. Resolves with the status. */
async function compare(
  { app, document, operation }: Route,
  [request, body, , headers = {}]: Sent | readonly [request: string],
) {
  const [method, url] = request.split(' ') as ['PUT', string];
  const payload = body as object | undefined;
  const response = await app.inject({ method, url, headers, ...(payload && { payload }) });
  const { statusCode: status } = response;
  const accepted = operation.requestBody?.content['application/json']?.schema;
  if (accepted) {
    const isValid = checker(accepted)(structuredClone(body)).length === 0;
    expect(isValid, `is valid, answered ${status}: ${request} ${JSON.stringify(body)}`).toBe(status !== 400);
  }
  const [type = ''] = String(response.headers['content-type'] ?? '').split(';');
  const { [status]: described } = operation.responses;
  expect(described, `${request}: ${status}`).toBeDefined();
  expect(Object.keys(described?.content ?? {})).toEqual(type === '' ? [] : [type]);
  if (!/[/+]json$/.test(type)) return status;
  const { schema } = described!.content![type]!;
  const answer = '$ref' in schema ? document.components.schemas.Problem : schema;
  expect(checker(answer)(response.json())).toEqual([]);
  return status;
}

describe.each(names)('%s', (name) => {
  test('serves valid OpenAPI documents that describe every route in a sentence', async () => {
    const { control, traffic } = await start(name);
    for (const app of [control, ...(traffic ? [traffic] : [])]) {
      const document = await documentOf(app);
      expect(await lint(document)).toEqual([]);
      expect(document.info.title).toContain(name);
      const texts = operationsOf(document).map(([route, { summary }]) => [route, summary]);
      expect(texts.filter(([, summary]) => !/^[A-Z].*\.$/.test(summary ?? ''))).toEqual([]);
      expect(texts.map(([route]) => route)).toContain('GET /openapi.json');
    }
  });

  test('answers as its documents say, also to requests that it refuses', async () => {
    const { control, traffic } = await start(name);
    const routes = (await Promise.all([control, ...(traffic ? [traffic] : [])].map(routesOf))).flat();
    const simple = routes.filter(({ route }) => /^GET [^{]*$/.test(route));
    for (const one of simple) await compare(one, [one.route]);
    const sent = new Set(simple);
    const answered = [];
    for (const one of requests[name]) {
      const route = routes.find(({ pattern }) => pattern.test(one[0]))!;
      sent.add(route);
      answered.push([one[0], one[1], await compare(route, one)]);
    }
    expect(answered).toEqual(requests[name].map((one) => one.slice(0, 3)));
    expect(routes.filter((one) => !sent.has(one)).map(({ route }) => route)).toEqual([]);
  });

  test('exports the metrics that the reference lists for it', async () => {
    const { metrics } = await start(name);
    const exported = metrics.registry.getMetricsAsArray().map((metric) => metric.name);
    const listed = Object.entries(catalogue).filter(([, { of }]) =>
      of.some((one) => [name, 'every process'].includes(one)),
    );
    expect(exported.filter((metric) => metric in catalogue).toSorted()).toEqual(
      listed.map(([metric]) => metric).toSorted(),
    );
  });
});

test('docs/reference/http.md lists the routes of every port; else run vitest with -u', async () => {
  const all = await Promise.all(names.map(start));
  const traffic = await Promise.all(all.flatMap(({ traffic }) => (traffic ? [documentOf(traffic)] : [])));
  const control = await Promise.all(all.map(({ control }) => documentOf(control)));
  const file = 'docs/reference/http.md';
  const page = withRoutes(read(file)!, traffic, control);
  expect(page).toContain('| `POST /rpc` |');
  await expect(page).toMatchFileSnapshot(fileURLToPath(new URL(`../../${file}`, import.meta.url)));
});
