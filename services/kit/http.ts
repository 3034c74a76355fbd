import Fastify, { type FastifyInstance, type HTTPMethods } from 'fastify';
import type { Logger } from 'pino';
import type { TSchema } from 'typebox';
import { sendError, sendProblem } from './problem.ts';
import { InvalidError, parser } from './schema.ts';

const methods: HTTPMethods[] = ['GET', 'PUT', 'POST', 'DELETE'];

/** What a client from outside may take of us. */
export const limits = {
  bodyBytes: 64 * 1024,
  headerBytes: 16 * 1024,
  connections: 16_384,
  /** A client that has not sent its whole request by then is cut off. */
  requestMs: 10_000,
  idleMs: 120_000,
} as const;

/** A Fastify instance that validates with our schemas, answers errors as problems and has limits; never listens by itself. */
export function createApp(log: Logger): FastifyInstance {
  const app = Fastify({
    logger: false,
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestMs,
    keepAliveTimeout: limits.idleMs,
    http: {
      maxHeaderSize: limits.headerBytes,
      headersTimeout: limits.requestMs / 2,
      connectionsCheckingInterval: 1000,
    },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
  });
  app.server.maxConnections = limits.connections;
  app.setValidatorCompiler<TSchema>(({ schema }) => {
    const parse = parser(schema);
    return (value) => {
      try {
        return { value: parse(value) };
      } catch (error) {
        return { error: error as InvalidError };
      }
    };
  });
  app.setErrorHandler((error: Error, request, reply) => {
    if (!(error instanceof InvalidError) && !('statusCode' in error)) {
      log.error({ err: error, url: request.url }, 'a request failed unexpectedly');
    }
    return sendError(error, reply);
  });
  closeConnectionsWhenClosing(app);
  app.setNotFoundHandler((request, reply) => {
    const url = request.url.split('?', 1)[0]!;
    const allowed = methods.filter((method) => app.hasRoute({ url, method }));
    if (allowed.length === 0) return sendProblem(reply, 404, 'not-found', `There is nothing at ${url}`);
    reply.header('allow', allowed.join(', '));
    return sendProblem(reply, 405, 'method', `${url} takes ${allowed.join(' or ')}, not ${request.method}`);
  });
  return app;
}

/** Otherwise close() would wait until the last client has let its idle connection go. */
function closeConnectionsWhenClosing(app: FastifyInstance): void {
  let closing = false;
  app.addHook('preClose', (done) => {
    closing = true;
    done();
  });
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (closing) reply.header('connection', 'close');
    done();
  });
}
