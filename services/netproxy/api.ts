import type { FastifyInstance, FastifyReply } from 'fastify';
import { excessOf } from '#kit/http/app.ts';
import { InvalidError, refuse } from '#kit/schema/problems.ts';
import { isRecord, parser } from '#kit/schema/schema.ts';
import { wrongAddresses } from './address.ts';
import { ProxyFields } from './config.ts';
import type { Proxies } from './proxies.ts';
import { badBody, Refusal } from './refusal.ts';
import { checkToxic, isToxicType, ToxicSpec } from './toxics/kinds.ts';
import { streams } from './toxics/toxic.ts';

interface Names {
  Params: { proxy: string; toxic: string };
}

/** Serves Toxiproxy's HTTP API, with its paths, bodies, statuses and errors. See `wrongAddresses` for `mayListenAnywhere`. */
export function api(app: FastifyInstance, proxies: Proxies, mayListenAnywhere: boolean): void {
  // JSON under any content type, as `curl -d` sends it.
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

  // The version of Toxiproxy whose API this is.
  app.get('/version', () => ({ version: '2.12.0' }));
  app.post('/reset', async (_request, reply) => {
    await proxies.change(() => proxies.reset());
    return reply.code(204).send();
  });

  proxyRoutes(app, proxies, mayListenAnywhere);
  toxicRoutes(app, proxies);
}

function proxyRoutes(app: FastifyInstance, proxies: Proxies, mayListenAnywhere: boolean): void {
  app.get('/proxies', () => Object.fromEntries(proxies.all.map((proxy) => [proxy.name, proxy])));
  app.post('/proxies', async ({ body }, reply) => {
    const fields = readProxy(body, mayListenAnywhere);
    return reply.code(201).send(await proxies.change(() => proxies.add(fields)));
  });
  app.post('/populate', async ({ body }, reply) => {
    if (!Array.isArray(body)) throw badBody('expected an array of proxies');
    const all = body.map((one, index) => readProxy(one, mayListenAnywhere, ` at proxy ${index + 1}`));
    return proxies.change(async () => {
      const added: unknown[] = [];
      try {
        for (const fields of all) added.push(await proxies.addOrReplace(fields));
        return reply.code(201).send({ proxies: added });
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return answer(reply, error, { proxies: added });
      }
    });
  });

  app.get<Names>('/proxies/:proxy', ({ params }) => proxies.get(params.proxy).toJSON());
  app.route<Names>({
    method: ['POST', 'PATCH'],
    url: '/proxies/:proxy',
    handler: ({ params, body }) =>
      proxies.change(async () => {
        const proxy = proxies.get(params.proxy);
        const { toxics: _, ...fields } = proxy.toJSON();
        const next = { ...fields, ...known(body), name: proxy.name };
        await proxy.update(readProxy(next, mayListenAnywhere));
        return proxy.toJSON();
      }),
  });
  app.delete<Names>('/proxies/:proxy', async ({ params }, reply) => {
    await proxies.change(() => proxies.remove(params.proxy));
    return reply.code(204).send();
  });
}

function toxicRoutes(app: FastifyInstance, proxies: Proxies): void {
  app.get<Names>('/proxies/:proxy/toxics', ({ params }) => proxies.get(params.proxy).toxics);
  app.post<Names>('/proxies/:proxy/toxics', ({ params, body }) =>
    proxies.change(() => {
      const proxy = proxies.get(params.proxy);
      const toxic = readToxic(body);
      proxy.addToxic(toxic);
      return toxic;
    }),
  );
  app.get<Names>('/proxies/:proxy/toxics/:toxic', ({ params }) =>
    proxies.get(params.proxy).toxic(params.toxic),
  );
  app.route<Names>({
    method: ['POST', 'PATCH'],
    url: '/proxies/:proxy/toxics/:toxic',
    handler: ({ params, body }) =>
      proxies.change(async () => {
        const proxy = proxies.get(params.proxy);
        const old = proxy.toxic(params.toxic);
        const { attributes, toxicity = old.toxicity } = known(body);
        const toxic = readToxic({
          ...old,
          toxicity,
          attributes: { ...old.attributes, ...known(attributes ?? {}) },
        });
        await proxy.updateToxic(toxic);
        return toxic;
      }),
  });
  app.delete<Names>('/proxies/:proxy/toxics/:toxic', async ({ params }, reply) => {
    await proxies.change(() => proxies.get(params.proxy).removeToxic(params.toxic));
    return reply.code(204).send();
  });
}

function answer(
  reply: FastifyReply,
  { message, status }: Pick<Refusal, 'message' | 'status'>,
  more: object = {},
): FastifyReply {
  return reply.code(status).send({ error: message, status, ...more });
}

const parseProxy = parser(ProxyFields);
const parseToxic = parser(ToxicSpec);

/** Reads the fields of a proxy, and ignores others, such as what the API itself shows. Throws Refusal or InvalidError. */
function readProxy(body: unknown, mayListenAnywhere: boolean, where = ''): ProxyFields {
  const { name, listen, upstream, enabled } = known(body);
  if (name === undefined || name === '') throw new Refusal(400, `missing required field: name${where}`);
  if (upstream === undefined || upstream === '')
    throw new Refusal(400, `missing required field: upstream${where}`);
  const fields = parseProxy(known({ name, listen: listen === '' ? null : listen, upstream, enabled }));
  const [wrong] = wrongAddresses(fields, mayListenAnywhere);
  if (wrong) throw badBody(`${wrong.pointer.slice(1)}${where}: ${wrong.message}`);
  return fields;
}

/** Reads a toxic, whose name may be left out. Throws Refusal or InvalidError. */
function readToxic(body: unknown): ToxicSpec {
  const { type, stream = 'downstream', name, toxicity, attributes } = known(body);
  if (!(streams as readonly unknown[]).includes(stream))
    throw new Refusal(400, 'stream was invalid, can be either upstream or downstream');
  if (!isToxicType(type)) throw new Refusal(400, 'invalid toxic type');
  const toxic = parseToxic(known({ type, stream, name: name || `${type}_${stream}`, toxicity, attributes }));
  refuse(checkToxic(toxic));
  return toxic;
}

/** Returns the fields without null, which Toxiproxy takes for unset. Throws Refusal if it is no object. */
function known(body: unknown): Record<string, unknown> {
  if (!isRecord(body)) throw badBody('expected an object');
  return Object.fromEntries(Object.entries(body).filter(([, value]) => (value ?? null) !== null));
}
