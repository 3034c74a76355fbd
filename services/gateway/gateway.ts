import type { FastifyRequest } from 'fastify';
import { Abort } from '#kit/abort.ts';
import { createApp } from '#kit/http/app.ts';
import { send } from '#kit/http/problem.ts';
import { readWork } from '#kit/http/request.ts';
import type { Upstream } from '#kit/http-client/upstream.ts';
import type { Service, ServiceParts } from '#kit/service.ts';
import { headers } from '#kit/wire.ts';
import { type RequestParts, requestsOf } from './requests.ts';

interface GatewayParts extends ServiceParts, Pick<RequestParts, 'client'> {
  readonly upstream: Upstream;
}

/** Calls downstream for its callers through a pipeline of policies, or through the user's client. */
export async function gateway(parts: GatewayParts): Promise<Service> {
  const { log, metrics, upstream } = parts;
  const { config, serve, opened } = requestsOf(parts);
  await opened;

  const traffic = createApp(log);
  traffic.post('/rpc', (request, reply) => {
    const asked = readWork(request);
    const caller = watchCaller(request);
    void serve(asked, caller.signal).then((answer) => {
      caller.stop();
      send(reply.header(headers.attempt, answer.attempts), answer);
    });
  });

  return {
    name: 'gateway',
    metrics,
    traffic,
    config,
    unready: () => upstream.unreachable(),
    stop: () => upstream.close(),
  };
}

/** Returns a signal that aborts when the caller disconnects. */
function watchCaller(request: FastifyRequest): { signal: AbortSignal; stop: () => void } {
  const controller = new Abort();
  const gone = () => controller.abort(new Error('the caller disconnected'));
  const { socket } = request.raw;
  socket.once('close', gone);
  return { signal: controller.signal, stop: () => socket.off('close', gone) };
}
