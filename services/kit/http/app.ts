import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import type { Logger } from 'pino';
import type { TSchema } from 'typebox';
import { systemClock, type Timer } from '#kit/clock.ts';
import { InvalidError } from '#kit/schema/problems.ts';
import { checker } from '#kit/schema/schema.ts';
import { cut } from '#kit/schema/shorten.ts';
import { problemText, sendError, sendProblem } from './problem.ts';

export const defaultLimits = {
  bodyBytes: 64 * 1024,
  headerBytes: 16 * 1024,
  /** Nesting of a body. Deeper ones would overflow the stack in JSON.stringify. */
  levels: 100,
  /** Fields and entries in a body on all levels. */
  values: 5000,
  connections: 16_384,
  /** Time for a client to send its whole request. */
  requestMs: 10_000,
  idleMs: 120_000,
  /** The same once the server closes. */
  closingMs: 250,
};

/** Creates a Fastify instance with limits that validates with our schemas and answers errors as problems. It doesn't listen. */
export function createApp(log: Logger, limits = defaultLimits): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.idleMs,
    http: {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.requestMs / 2,
      connectionsCheckingInterval: limits.requestMs / 10,
    },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    clientErrorHandler: refuse,
    frameworkErrors: (error, _request, reply) => sendError(error, reply as never),
  });
  app.server.maxConnections = limits.connections;
  app.removeContentTypeParser('text/plain');
  app.addContentTypeParser<string>('application/json', { parseAs: 'string' }, (request, text, done) => {
    // A client may leave its header set for a DELETE.
    if (text === '' && request.method === 'DELETE') return done(null);
    const [value, problem] = parse(text, limits);
    if (problem === undefined) done(null, value);
    else done(new InvalidError([{ pointer: '', message: problem }]));
  });
  app.setValidatorCompiler<TSchema>(({ schema }) => {
    const check = checker(schema);
    return (value) => {
      const problems = check(value);
      return problems.length > 0 ? { error: new InvalidError(problems) } : { value };
    };
  });
  app.setErrorHandler((error: Error, request, reply) => {
    if (!(error instanceof InvalidError) && !('statusCode' in error)) {
      log.error({ err: error, url: request.url }, 'a request failed unexpectedly');
    }
    return sendError(error, reply);
  });
  const methodsOf = routesOf(app);
  app.setNotFoundHandler((request, reply) => {
    const path = request.url.split('?', 1)[0]!;
    const allowed = methodsOf(path);
    const url = cut(path, 200);
    if (allowed.length === 0) return sendProblem(reply, 404, 'not-found', `No resource at ${url}`);
    reply.header('allow', allowed.join(', '));
    return sendProblem(reply, 405, 'method', `${url} takes ${allowed.join(' or ')}, not ${request.method}`);
  });
  closeSoon(app, limits.closingMs);
  return app;
}

/** Collects the routes of an app. The returned function gives the methods that a path takes, except HEAD. */
function routesOf(app: FastifyInstance): (path: string) => string[] {
  const routes: { method: string; path: RegExp }[] = [];
  app.addHook('onRoute', ({ method, url }) => {
    const path = new RegExp(`^${url.replaceAll('.', '\\.').replace(/:\w+/g, '[^/]+')}$`);
    for (const each of [method].flat()) if (each !== 'HEAD') routes.push({ method: each, path });
  });
  return (path) => routes.filter((route) => route.path.test(path)).map(({ method }) => method);
}

/** Parses JSON. Returns its value and the problem with it, which says more than Fastify's parser, at half its cost. */
function parse(text: string, limits: typeof defaultLimits): [value: unknown, problem: string | undefined] {
  try {
    const value = JSON.parse(text);
    return [value, excessOf(value, limits)];
  } catch (error) {
    return [undefined, `expected JSON: ${(error as Error).message}`];
  }
}

/** Returns the limit that a JSON value exceeds, or that it has a key `__proto__`; undefined if neither. */
export function excessOf(value: unknown, { levels, values } = defaultLimits): string | undefined {
  let count = 0;
  const exceeds = (inner: unknown, left: number): string | undefined => {
    if (typeof inner !== 'object' || inner === null) return undefined;
    // Some copies of it would get another prototype.
    if (Object.hasOwn(inner, '__proto__')) return 'expected no key __proto__';
    if (left === 0) return `expected at most ${levels} levels of nesting`;
    const all = Object.values(inner);
    count += all.length;
    if (count > values) return `expected at most ${values} fields and entries`;
    for (const each of all) {
      const excess = exceeds(each, left - 1);
      if (excess !== undefined) return excess;
    }
    return undefined;
  };
  return exceeds(value, levels);
}

const clientErrors: Readonly<Record<string, readonly [status: number, name: string, title: string]>> = {
  HPE_HEADER_OVERFLOW: [431, 'too-large', 'The headers are too large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'too-slow', 'The request did not arrive in time'],
};

/** Answers a request that is not HTTP, too slow, or too large in its headers, and ends the connection. */
function refuse(error: Error & { code?: string }, socket: Socket): void {
  if (!socket.writable) return void socket.destroy();
  const [status, name, title] = clientErrors[error.code ?? ''] ?? [400, 'invalid', 'The request is not HTTP'];
  const body = problemText(status, name, title);
  socket.end(
    `HTTP/1.1 ${status} ${title}\r\nconnection: close\r\ncontent-type: application/problem+json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
  );
}

/**
 * Makes close() wait for accepted requests and for nothing else: answers say that their connection ends, and after
 * `patienceMs` connections without a whole request are cut, which Node would wait for without limit. Listens to the
 * server, since hooks of Fastify's would cost some microseconds a request.
 */
function closeSoon(app: FastifyInstance, patienceMs: number): void {
  /** Connections, each with the answer to its latest request. */
  const open = new Map<Socket, ServerResponse | undefined>();
  let timer: Timer;
  app.server.on('connection', (socket) => {
    open.set(socket, undefined);
    socket.once('close', () => open.delete(socket));
  });
  app.server.on('request', ({ socket }, response) => open.set(socket, response));
  // Repeated, since an answer that began before may leave its connection open. A socket that has finished can't answer.
  const sweep = () => {
    for (const [socket, answer] of open) if (!isOwed(answer) || socket.writableFinished) socket.destroy();
    timer = systemClock.after(patienceMs, sweep);
  };
  app.addHook('preClose', (done) => {
    // Fastify does it for later requests.
    for (const answer of open.values())
      if (answer?.headersSent === false) answer.setHeader('connection', 'close');
    timer = systemClock.after(patienceMs, sweep);
    done();
  });
  app.addHook('onClose', (_app, done) => {
    systemClock.cancel(timer);
    done();
  });
}

/** True if the request has arrived as a whole, and its answer is not yet sent. */
const isOwed = (answer: ServerResponse | undefined): boolean =>
  answer?.req.complete === true && !answer.writableFinished;
