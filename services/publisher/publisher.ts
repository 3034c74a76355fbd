import type { Broker } from '#kit/broker/client.ts';
import { disconnectBroker } from '#kit/broker/connect.ts';
import { systemClock } from '#kit/clock.ts';
import { createApp } from '#kit/http/app.ts';
import { serveOpenApi } from '#kit/http/openapi.ts';
import { send, sendError } from '#kit/http/problem.ts';
import { readWork, workRequest } from '#kit/http/request.ts';
import { Type } from '#kit/schema/type.ts';
import type { Service, ServiceParts } from '#kit/service.ts';
import { BrokerPings } from './broker-pings.ts';
import { eventsOf } from './events.ts';

interface PublisherParts extends ServiceParts {
  readonly broker: Broker;
}

const port = {
  title: 'Spillway publisher, traffic port',
  description: 'Publishes events to the work stream.',
};

const events = {
  ...workRequest,
  summary: 'Publishes an event, and answers once the work stream holds it.',
  answers: {
    202: Type.Object({
      seq: Type.Integer({ description: 'Sequence of the event in the stream.' }),
      duplicate: Type.Boolean({ description: 'True if the stream already held an event of this id.' }),
    }),
  },
  problems: {
    429: 'The work stream is full.',
    503: 'The broker is unavailable. The event was not sent.',
    504: 'The broker did not acknowledge the event in time.',
    507: 'The broker could not store the event.',
  },
};

/** Builds the service that publishes events, and that answers once the work stream holds them. */
export async function publisher(parts: PublisherParts): Promise<Service> {
  const { log, metrics, broker, clock = systemClock } = parts;
  const { connected, config, unready, serve } = await eventsOf(parts);
  const pings = new BrokerPings(broker, connected, clock);

  const traffic = createApp(log);
  serveOpenApi(traffic, port);
  traffic.post('/events', { config: events }, async (request, reply) => {
    const answer = await serve(readWork(request));
    return answer.error ? sendError(answer.error, reply) : send(reply, answer);
  });

  return {
    name: 'publisher',
    metrics,
    traffic,
    config,
    unready,
    stalls: pings,
    async stop() {
      pings.stop();
      await disconnectBroker(broker);
    },
  };
}
