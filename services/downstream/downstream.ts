import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { systemClock } from '#kit/clock.ts';
import { faultRoutes } from '#kit/fault/leased-faults.ts';
import { createApp } from '#kit/http/app.ts';
import { send, sendProblem } from '#kit/http/problem.ts';
import { readWork } from '#kit/http/request.ts';
import { reset } from '#kit/http/reset.ts';
import type { Service, ServiceParts } from '#kit/service.ts';
import { answerTo, idOf } from './accepts/accepts.ts';
import { formOf, methods, placeOf } from './accepts/config.ts';
import type { Reply } from './answer.ts';
import { attemptsOf, type Callers } from './attempts.ts';
import { type EffectLog, effectRoutes } from './effects.ts';
import { ApplicationFaultOptions } from './faults/config.ts';
import { Numbering } from './numbering.ts';
import { runRoutes } from './run-record.ts';

interface DownstreamParts extends ServiceParts {
  readonly effects: EffectLog;
  readonly numbering?: Numbering;
}

/** Dependency that slows down under load. Its model says how long work takes, and if it fails. Throws InvalidError. */
export function downstream(parts: DownstreamParts): Service {
  const { log, metrics, effects, numbering = new Numbering(), clock = systemClock } = parts;
  const refused = metrics.counter('spillway_refused_calls_total');
  const { begin, config, faults, unready, idle } = attemptsOf({ ...parts, numbering }, httpCallers);

  const traffic = createApp(log);
  // Clears the faults first, since a connection that a fault holds open would never close.
  traffic.addHook('preClose', async () => void (await faults.leased.clear()));
  traffic.post('/work', (request, reply) => begin(readWork(request), reply));
  anyOther(traffic, (request, reply) => {
    const { accepts, seed } = config.current();
    if (!accepts) return reply.callNotFound();
    const id = idOf(request, accepts, seed);
    if (id === undefined) {
      refused.inc({ reason: 'form' });
      const detail = `expected POST /work, or ${formOf(accepts)} as \`accepts\` says`;
      return sendProblem(reply, 404, 'form', 'The call has another form', { detail });
    }
    if (id === null) {
      refused.inc({ reason: 'id' });
      const detail = `expected it ${placeOf(accepts)}, as \`accepts\` says`;
      return sendProblem(reply, 400, 'no-id', 'The call has no id of a request', { detail });
    }
    begin(readWork({ body: { id }, headers: request.headers }), reply, (id, duplicate) =>
      answerTo(accepts, id, duplicate),
    );
  });

  return {
    name: 'downstream',
    metrics,
    traffic,
    config,
    unready,
    control(app) {
      effectRoutes(app, effects, numbering);
      faultRoutes(app, { fault: ApplicationFaultOptions }, faults.leased);
      runRoutes(app, metrics, clock, faults.leased);
    },
    async stop() {
      await idle();
      effects.close();
    },
  };
}

/** Adds a route for calls of any form. Their bodies stay text. */
function anyOther(
  traffic: FastifyInstance,
  handle: (request: FastifyRequest, reply: FastifyReply) => unknown,
) {
  traffic.register((app, _options, registered) => {
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'string' }, (_request, text, done) => done(null, text));
    app.route({ method: [...methods], url: '/*', exposeHeadRoute: false, handler: handle });
    registered();
  });
}

/** Callers over HTTP. A caller is identified by its reply. */
const httpCallers: Callers<FastifyReply> = {
  // The socket of an injected request has no `destroyed`.
  isGone: ({ request }) => request.socket.destroyed === true,
  watch: ({ request }, gone) => void request.socket.once('close', gone),
  unwatch: ({ request }, gone) => void request.socket.off('close', gone),
  answer: (reply, answer, deliver) =>
    void (deliver ? deliver(httpReply(reply), answer) : send(reply, answer)),
  fail: (reply, error) => void reply.send(error),
};

const httpReply = (reply: FastifyReply): Reply => ({
  send: (answer) => void send(reply, answer),
  reset: () => reset(taken(reply)),
  hold: () => taken(reply),
});

/** Takes the reply from Fastify. Returns the socket of the request, as a pipelined reply has none before its turn. */
function taken(reply: FastifyReply) {
  reply.hijack();
  return reply.request.socket;
}
