import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance, onRequestHookHandler } from 'fastify';
import { type Clock, serially, systemClock } from '#kit/clock.ts';
import type { Logger } from '#kit/log.ts';
import type { Metrics } from '#kit/metrics.ts';
import { clockId } from '#kit/process/clock-id.ts';
import { Type } from '#kit/schema/type.ts';
import { resourceIn } from '#kit/urls.ts';
import { interfaceVersion } from '#kit/wire.ts';
import { createApp } from './app.ts';
import { leaseRoutes } from './config-lease.ts';
import { sendProblem } from './problem.ts';

export interface Controlled {
  readonly name: string;
  readonly config: {
    current(): unknown;
    /** Returns a checked copy with all defaults. Throws InvalidError with all problems at once. */
    parse(next: unknown): unknown;
    /** Applies a configuration. If it throws or rejects, the service keeps its old configuration. */
    apply(next: never): void | Promise<void>;
  };
  readonly metrics: Metrics;
  /** Returns the reason why the service isn't ready; undefined if it is. */
  unready(): string | undefined | Promise<string | undefined>;
  control?(app: FastifyInstance): void;
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** True if the route needs no token. */
    readonly isOpen?: boolean;
  }
}

/** Stores and applies a configuration. If it rejects, it has done neither. */
type Store = (config: unknown, apply: () => Promise<void>) => Promise<void>;

/** Builds the control port with health, readiness, metrics and configuration. A `token` guards all calls but health. */
export function controlApp(
  service: Controlled,
  log: Logger,
  token = '',
  store: Store = (_config, apply) => apply(),
  clock: Clock = systemClock,
): FastifyInstance {
  const app = createApp(log);
  if (token === '') keepBrowsersOut(app);
  else requireToken(app, token);
  countChanges(app, service.metrics);

  app.get('/healthz', { config: { isOpen: true } }, () => ({ status: 'alive', version: interfaceVersion }));

  clockRoute(app);

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
    reply.header('content-type', 'text/plain; version=0.0.4; charset=utf-8');
    return service.metrics.text(names === undefined ? undefined : [names].flat());
  });

  configRoutes(app, service.config, log, store, clock);
  service.control?.(app);
  return app;
}

function configRoutes(
  app: FastifyInstance,
  { current, parse, apply }: Controlled['config'],
  log: Logger,
  store: Store,
  clock: Clock,
): void {
  // Changes run one after the other, so that two configurations never mix.
  const change = serially();
  const set = async (next: unknown, isLeased = false) => {
    const act = async () => apply(next as never);
    // Without a leased configuration, a restarted process has what it had before the lease.
    await (isLeased ? act() : store(next, act));
    const config = current();
    log.info({ config }, 'configured');
    return config;
  };
  const isLeased = leaseRoutes(app, { clock, log, current, change, restore: set });
  app.get('/config', () => current());
  app.put('/config', ({ body }) => {
    const next = parse(body);
    return change(() => set(next, isLeased()));
  });
}

export interface ClockTimes {
  /** Time at which the call arrived. */
  readonly receivedMs: number;
  readonly answeredMs: number;
  /** Time of the answer on the wall clock, in ms since 1970. */
  readonly wallMs: number;
  /** Boot of the machine and time namespace of the process, if the system has these. */
  readonly clockId?: string;
}

/** Serves the monotonic clock of the process, by which the lab measures the offset from its own. */
function clockRoute(app: FastifyInstance): void {
  let receivedMs = 0;
  // A call runs from this hook to its handler without a pause, so no other call can come between.
  const onRequest: onRequestHookHandler = (_request, _reply, done) => {
    receivedMs = systemClock.now();
    done();
  };
  app.get('/clock', { onRequest }, (): ClockTimes => {
    const answeredMs = systemClock.now();
    const wallMs = systemClock.wallTime().getTime();
    return { receivedMs, answeredMs, wallMs, ...(clockId !== undefined && { clockId }) };
  });
}

/** Counts changes that were made through the control port, so that the lab can detect changes by other clients. */
function countChanges(app: FastifyInstance, metrics: Metrics): void {
  const changes = metrics.counter('spillway_control_changes_total');
  app.addHook('onSend', async ({ method, routeOptions }, { statusCode }) => {
    if (['GET', 'HEAD'].includes(method) || statusCode >= 400) return;
    changes.inc({ resource: resourceIn(routeOptions.url ?? '') });
  });
}

function requireToken(app: FastifyInstance, token: string): void {
  app.addHook('onRequest', async ({ routeOptions, headers }, reply) => {
    if (routeOptions.config?.isOpen || matches(headers.authorization, `Bearer ${token}`)) return;
    reply.header('www-authenticate', 'Bearer');
    const title = 'This port requires the control token as a bearer token';
    return sendProblem(reply, 401, 'unauthorised', title);
  });
}

const loopback = /^(localhost|127(\.\d+){3}|\[::1\])(:\d+)?$/i;

/**
 * Refuses requests from web pages. Otherwise a page in a browser on this machine could reach a loopback port, even
 * under the page's own domain name (DNS rebinding).
 */
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
