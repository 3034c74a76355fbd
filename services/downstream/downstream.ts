import type { FastifyReply } from 'fastify';
import { systemClock } from '#kit/clock.ts';
import { faultRoutes } from '#kit/fault/leased-faults.ts';
import { createApp } from '#kit/http/app.ts';
import { serveOpenApi } from '#kit/http/openapi.ts';
import { readWork, workRequest } from '#kit/http/request.ts';
import { Type } from '#kit/schema/type.ts';
import type { Service, ServiceParts } from '#kit/service.ts';
import { attemptsOf, type Callers } from './attempts.ts';
import { type EffectLog, effectRoutes } from './effects.ts';
import { ApplicationFaultOptions } from './faults/config.ts';
import { httpReply, send } from './http-reply.ts';
import { Numbering } from './numbering.ts';
import { runRoutes } from './run-record.ts';

interface DownstreamParts extends ServiceParts {
  readonly effects: EffectLog;
}

const port = {
  title: 'Spillway downstream, traffic port',
  description: 'Dependency that slows down under load.',
};

const workOperation = {
  ...workRequest,
  summary: 'Works as long as the model says, then commits an effect or fails.',
  answers: {
    200: Type.Object({
      id: Type.String(),
      duplicate: Type.Boolean({ description: 'True if the request already had an effect.' }),
    }),
  },
  problems: {
    500: 'The work failed. A fault may have another status.',
    504: 'The time of the caller was up.',
    507: 'The effect could not be stored.',
  },
};

/**
 * Dependency that slows down under load. It works on an attempt for as long as its model says, and then commits an
 * effect or fails. Throws InvalidError.
 */
export function downstream(parts: DownstreamParts): Service {
  const { log, metrics, effects, clock = systemClock } = parts;
  const numbering = new Numbering();
  const { begin, config, faults, unready, idle } = attemptsOf({ ...parts, numbering }, httpCallers);

  const traffic = createApp(log);
  serveOpenApi(traffic, port);
  // Clears the faults first, since a connection that a fault holds open would never close.
  traffic.addHook('preClose', () => faults.leased.clear());
  traffic.post('/work', { config: workOperation }, (request, reply) => begin(readWork(request), reply));

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

/** Callers over HTTP. A caller is identified by its reply. */
const httpCallers: Callers<FastifyReply> = {
  // The socket of an injected request has no `destroyed`.
  isGone: ({ request }) => request.socket.destroyed === true,
  watch: ({ request }, gone) => void request.socket.once('close', gone),
  unwatch: ({ request }, gone) => void request.socket.off('close', gone),
  answer: (reply, answer, deliver) => (deliver ? deliver(httpReply(reply), answer) : send(reply, answer)),
  fail: (reply, error) => void reply.send(error),
};
