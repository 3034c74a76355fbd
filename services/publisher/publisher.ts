import type { NatsConnection } from '@nats-io/transport-node';
import type { FastifyReply } from 'fastify';
import { ensureStreams } from '#kit/broker/broker.ts';
import { disconnectBroker, requireBroker, untilAnswered, watchConnection } from '#kit/broker/connect.ts';
import { systemClock } from '#kit/clock.ts';
import { createApp } from '#kit/http/app.ts';
import { sendError, sendProblem } from '#kit/http/problem.ts';
import { readWork } from '#kit/http/request.ts';
import { Storage } from '#kit/process/storage.ts';
import { configParser } from '#kit/schema/valid-parts.ts';
import type { Service, ServiceParts } from '#kit/service.ts';
import { BrokerPings } from './broker-pings.ts';
import { PublisherConfig } from './config.ts';
import { type Published, publisherOf } from './publish.ts';

interface PublisherParts extends ServiceParts {
  readonly broker: NatsConnection;
}

const parse = configParser(PublisherConfig);

/** Publishes events and answers once the work stream holds them. */
export async function publisher({
  log,
  metrics,
  broker,
  clock = systemClock,
  initial = {},
}: PublisherParts): Promise<Service> {
  const connected = watchConnection(broker);
  const storage = new Storage(metrics, log);
  const publish = publisherOf(broker, clock);
  const published = metrics.counter('spillway_published_total');
  const duration = metrics.histogram('spillway_request_duration_seconds');
  let inFlight = 0;
  metrics.gauge('spillway_requests_in_flight', () => inFlight);
  let config = parse(initial);
  await untilAnswered(() => ensureStreams(broker, config.stream.maxPending), log);
  const pings = new BrokerPings(broker, connected, clock);

  const traffic = createApp(log);
  traffic.post('/events', async (request, reply) => {
    const { body, leftMs, class: ofClass, traceparent } = readWork(request);
    const event = { id: body.id, body: JSON.stringify(body), class: ofClass, traceparent, timeoutMs: leftMs };
    const startedAtMs = clock.now();
    inFlight += 1;
    const outcome = await publish(event, config.publishTimeoutMs, connected);
    inFlight -= 1;
    if (outcome.result === 'unstored') storage.failed(outcome.error);
    if (outcome.result === 'accepted') storage.stored();
    published.inc({ result: outcome.result });
    duration.observe({ outcome: outcome.result }, (clock.now() - startedAtMs) / 1000);
    return answer(outcome, reply);
  });

  return {
    metrics,
    traffic,
    config: {
      current: () => config,
      parse,
      async apply(next: PublisherConfig) {
        await requireBroker(broker, connected);
        await storage.following(ensureStreams(broker, next.stream.maxPending));
        config = next;
      },
    },
    unready: () => (connected() ? storage.broken : 'the broker is unavailable'),
    stalls: pings,
    async stop() {
      pings.stop();
      await disconnectBroker(broker);
    },
  };
}

type Unsuccessful = Exclude<Published['result'], 'accepted' | 'duplicate' | 'unstored'>;

const problems: Readonly<Record<Unsuccessful, readonly [status: number, name: string, title: string]>> = {
  dropped: [429, 'stream-full', 'The work stream is full'],
  unavailable: [503, 'no-broker', 'The broker is unavailable'],
  unknown: [504, 'no-acknowledgement', 'The broker did not acknowledge the event in time'],
};

function answer(outcome: Published, reply: FastifyReply): FastifyReply {
  if (outcome.result === 'unstored') return sendError(outcome.error, reply);
  if (!('sequence' in outcome)) return sendProblem(reply, ...problems[outcome.result]);
  reply.code(202).header('content-type', 'application/json');
  return reply.send(`{"seq":${outcome.sequence},"duplicate":${outcome.result === 'duplicate'}}`);
}
