import type { FastifyInstance, FastifyReply } from 'fastify';
import { excessOf } from '#kit/http/app.ts';
import { InvalidError } from '#kit/schema/problems.ts';
import { known, readProxy, readToxic } from './bodies.ts';
import type { Proxies } from './proxies.ts';
import { Refusal, refusals } from './refusal.ts';

/** The version of Toxiproxy whose API this is. */
const version = '2.12.0';

interface Names {
  Params: { proxy: string; toxic: string };
}

/** The HTTP API of Toxiproxy, with its paths, bodies, statuses and errors. See `wrongAddresses` for `mayListenAnywhere`. */
export function api(app: FastifyInstance, proxies: Proxies, mayListenAnywhere: boolean): void {
  // JSON whatever it is called, as `curl -d` sends it.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => {
    try {
      const value: unknown = body === '' ? undefined : JSON.parse(body as string);
      const excess = excessOf(value);
      if (excess !== undefined) throw new Error(excess);
      done(null, value);
    } catch (error) {
      done(refusals.badBody((error as Error).message));
    }
  });
  app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) =>
    error instanceof InvalidError
      ? refuse(reply, refusals.badBody(error.message))
      : refuse(
          reply,
          error instanceof Refusal ? error : new Refusal(error.message, { status: error.statusCode ?? 500 }),
        ),
  );

  app.get('/version', () => ({ version }));
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
    if (!Array.isArray(body)) throw refusals.badBody('expected an array of proxies');
    const all = body.map((one, index) => readProxy(one, mayListenAnywhere, ` at proxy ${index + 1}`));
    return proxies.change(async () => {
      const done: unknown[] = [];
      try {
        for (const fields of all) done.push(await proxies.addOrReplace(fields));
        return reply.code(201).send({ proxies: done });
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return refuse(reply, error, { proxies: done });
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

function refuse(reply: FastifyReply, { message, status }: Refusal, more: object = {}): FastifyReply {
  return reply.code(status).send({ error: message, status, ...more });
}
