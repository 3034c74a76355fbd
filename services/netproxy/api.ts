import type { FastifyInstance, FastifyReply } from 'fastify';
import { excessOf } from '#kit/http/app.ts';
import { parser } from '#kit/schema/parser.ts';
import { InvalidError } from '#kit/schema/problems.ts';
import { isRecord } from '#kit/schema/schema.ts';
import { wrongAddresses } from './address.ts';
import { ProxyFields } from './config.ts';
import type { Proxies } from './proxies.ts';
import { Refusal } from './tcp-proxy.ts';
import { isToxicType, streams, ToxicSpec } from './toxics.ts';

type Names = Readonly<Record<'proxy' | 'toxic', string>>;

/**
 * Serves Toxiproxy's HTTP API with its paths, bodies, statuses and errors. `mayListenAnywhere` is as in
 * `wrongAddresses`.
 */
export function api(app: FastifyInstance, proxies: Proxies, mayListenAnywhere: boolean): void {
  speakJson(app);
  /** Adds a route that changes proxies. If `make` returns undefined, the route answers 204. */
  const change = (
    methods: string,
    url: string,
    make: (names: Names, body: unknown, reply: FastifyReply) => unknown,
  ) =>
    app.route<{ Params: Names }>({
      method: methods.split(' '),
      url,
      handler: async ({ params, body }, reply) => {
        const answer = await proxies.change(() => make(params, body, reply));
        return answer === undefined && !reply.sent ? reply.code(204).send() : answer;
      },
    });
  const readProxy = proxyReader(mayListenAnywhere);

  // Version of Toxiproxy with which this API is compatible.
  app.get('/version', () => ({ version: '2.12.0' }));
  change('POST', '/reset', () => proxies.reset());

  app.get('/proxies', () => Object.fromEntries(proxies.all.map((proxy) => [proxy.name, proxy])));
  change('POST', '/proxies', (_names, body, reply) => {
    reply.code(201);
    return proxies.add(readProxy(body));
  });
  change('POST', '/populate', async (_names, body, reply) => {
    if (!Array.isArray(body)) throw badBody('expected an array of proxies');
    const all = body.map((one, index) => readProxy(one, ` at proxy ${index + 1}`));
    const added: unknown[] = [];
    try {
      for (const fields of all) added.push(await proxies.addOrReplace(fields));
      return reply.code(201).send({ proxies: added });
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return answer(reply, error, { proxies: added });
    }
  });
  app.get<{ Params: Names }>('/proxies/:proxy', ({ params }) => proxies.get(params.proxy).toJSON());
  change('POST PATCH', '/proxies/:proxy', async (names, body) => {
    const proxy = proxies.get(names.proxy);
    const { toxics: _, ...fields } = proxy.toJSON();
    await proxy.update(readProxy({ ...fields, ...known(body), name: proxy.name }));
    return proxy.toJSON();
  });
  change('DELETE', '/proxies/:proxy', ({ proxy }) => proxies.remove(proxy));

  const toxics = '/proxies/:proxy/toxics';
  app.get<{ Params: Names }>(toxics, ({ params }) => proxies.get(params.proxy).toxics);
  change('POST', toxics, (names, body) => {
    const proxy = proxies.get(names.proxy);
    const toxic = readToxic(body);
    proxy.addToxic(toxic);
    return toxic;
  });
  app.get<{ Params: Names }>(`${toxics}/:toxic`, ({ params }) =>
    proxies.get(params.proxy).toxic(params.toxic),
  );
  change('POST PATCH', `${toxics}/:toxic`, async (names, body) => {
    const proxy = proxies.get(names.proxy);
    const old = proxy.toxic(names.toxic);
    const { attributes = {}, toxicity = old.toxicity } = known(body);
    const toxic = readToxic({ ...old, toxicity, attributes: { ...old.attributes, ...known(attributes) } });
    await proxy.updateToxic(toxic);
    return toxic;
  });
  change('DELETE', `${toxics}/:toxic`, ({ proxy, toxic }) => proxies.get(proxy).removeToxic(toxic));
}

/** Accepts JSON under any content type, since `curl -d` sends another one. Answers errors in Toxiproxy's format. */
function speakJson(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    try {
      const value: unknown = body === '' ? undefined : JSON.parse(body as string);
      const excess = excessOf(value);
      if (excess !== undefined) throw new Error(excess);
      done(null, value);
    } catch (error) {
      done(badBody((error as Error).message));
    }
  });
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
    if (error instanceof InvalidError) return answer(reply, badBody(error.message));
    const { message, statusCode: status = 500 } = error;
    return answer(reply, error instanceof Refusal ? error : { message, status });
  });
}

function answer(
  reply: FastifyReply,
  { message, status }: Pick<Refusal, 'message' | 'status'>,
  more: object = {},
): FastifyReply {
  return reply.code(status).send({ error: message, status, ...more });
}

const badBody = (why: string) => new Refusal(400, `bad request body: ${why}`);

const parseProxy = parser(ProxyFields);
const parseToxic = parser(ToxicSpec);

/**
 * Returns a function that reads the fields of a proxy, or throws Refusal or InvalidError. It ignores unknown fields. It
 * also ignores `toxics`, since clients send the API's own answers back.
 */
const proxyReader =
  (mayListenAnywhere: boolean) =>
  (body: unknown, where = ''): ProxyFields => {
    const { name, listen, upstream, enabled } = known(body);
    for (const [field, value] of Object.entries({ name, upstream }))
      if (value === undefined || value === '')
        throw new Refusal(400, `missing required field: ${field}${where}`);
    const fields = parseProxy(known({ name, listen: listen === '' ? null : listen, upstream, enabled }));
    const [wrong] = wrongAddresses(fields, mayListenAnywhere);
    if (wrong) throw badBody(`${wrong.pointer.slice(1)}${where}: ${wrong.message}`);
    return fields;
  };

/** Reads a toxic. Its name is optional. Throws Refusal or InvalidError. */
function readToxic(body: unknown): ToxicSpec {
  const { type, stream = 'downstream', name, toxicity, attributes } = known(body);
  if (!(streams as readonly unknown[]).includes(stream))
    throw new Refusal(400, 'stream was invalid, can be either upstream or downstream');
  if (!isToxicType(type)) throw new Refusal(400, 'invalid toxic type');
  return parseToxic(known({ type, stream, name: name || `${type}_${stream}`, toxicity, attributes }));
}

/** Returns the fields that are set. Treats null as unset, like Toxiproxy. Throws Refusal if `body` is not an object. */
function known(body: unknown): Record<string, unknown> {
  if (!isRecord(body)) throw badBody('expected an object');
  return Object.fromEntries(Object.entries(body).filter(([, value]) => (value ?? null) !== null));
}
