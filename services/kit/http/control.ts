import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import { serially, systemClock } from '#kit/clock.ts';
import type { Logger } from '#kit/log.ts';
import type { Metrics } from '#kit/metrics.ts';
import { Type } from '#kit/schema/type.ts';
import { resourceIn } from '#kit/urls.ts';
import { createApp } from './app.ts';
import { sendProblem } from './problem.ts';

export interface Controlled {
  readonly config: {
    current(): unknown;
    /** Returns a checked copy with all defaults. Throws InvalidError with all problems. */
    parse(next: unknown): unknown;
    /** Applies a configuration as a whole, or throws and keeps the old one. */
    apply(next: never): void | Promise<void>;
  };
  readonly metrics: Metrics;
  /** Returns why the service can't do its job now; undefined if it can. */
  unready(): string | undefined | Promise<string | undefined>;
  /** Adds routes of this service alone. */
  control?(app: FastifyInstance): void;
}

/**
 * Builds the control port: health, readiness, metrics and configuration. With a token, every call but health needs it.
 * `store` stores and applies each configuration, or rejects and does neither.
 */
export function controlApp(
  service: Controlled,
  log: Logger,
  token = '',
  store = (_config: unknown, apply: () => Promise<void>): Promise<void> => apply(),
): FastifyInstance {
  const app = createApp(log);
  if (token === '') keepBrowsersOut(app);
  else requireToken(app, token);
  countChanges(app, service.metrics);

  app.get('/healthz', () => ({ status: 'alive' }));

  // For a lab that compares times of this process with its own.
  app.get('/clock', () => ({ nowMs: systemClock.now() }));

  app.get('/readyz', async (_request, reply) => {
    const reason = await service.unready();
    if (reason === undefined) return { status: 'ready' };
    return sendProblem(reply, 503, 'unready', 'Not ready', { detail: reason });
  });

  const Query = Type.Object({
    'name[]': Type.Optional(Type.Union([Type.String(), Type.Array(Type.String(), { maxItems: 100 })])),
  });
  app.get('/metrics', { schema: { querystring: Query } }, async (request, reply) => {
    const names = (request.query as { 'name[]'?: string | string[] })['name[]'];
    reply.header('content-type', service.metrics.registry.contentType);
    return service.metrics.text(names === undefined ? undefined : [names].flat());
  });

  app.get('/config', () => service.config.current());
  // One after the other: two half-applied configurations would be none.
  const change = serially();
  app.put('/config', ({ body }) => {
    const next = service.config.parse(body);
    return change(async () => {
      await store(next, async () => service.config.apply(next as never));
      const config = service.config.current();
      log.info({ config }, 'configured');
      return config;
    });
  });

  service.control?.(app);
  return app;
}

/** Counts changes over the control port, so that the lab detects those of other clients. */
function countChanges(app: FastifyInstance, metrics: Metrics): void {
  const changes = metrics.counter('spillway_control_changes_total');
  app.addHook('onSend', async ({ method, routeOptions }, { statusCode }) => {
    if (['GET', 'HEAD'].includes(method) || statusCode >= 400) return;
    changes.inc({ resource: resourceIn(routeOptions.url ?? '') });
  });
}

function requireToken(app: FastifyInstance, token: string): void {
  app.addHook('onRequest', async ({ url, headers }, reply) => {
    if (url === '/healthz' || matches(headers.authorization, `Bearer ${token}`)) return;
    reply.header('www-authenticate', 'Bearer');
    const title = 'This port requires the control token as a bearer token';
    return sendProblem(reply, 401, 'unauthorised', title);
  });
}

const loopback = /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i;

/** Refuses web pages: one that is open on this machine could reach a port of loopback, also by a name of its own. */
function keepBrowsersOut(app: FastifyInstance): void {
  app.addHook('onRequest', async ({ headers }, reply) => {
    const { origin, host = 'localhost' } = headers;
    if (origin === undefined && loopback.test(host)) return;
    const title = 'Without a token this port accepts only local requests to a loopback name';
    return sendProblem(reply, 403, 'forbidden', title);
  });
}

function matches(given: string | undefined, expected: string): boolean {
  const a = Buffer.from(given ?? '');
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}
