import { jetstream, type PubAck } from '@nats-io/jetstream';
import { type MsgHdrs, type NatsConnection, headers as natsHeaders } from '@nats-io/transport-node';
import type { FastifyReply } from 'fastify';
import { brokerError, ensureStreams, isStreamFull } from '#kit/broker/broker.ts';
import {
  disconnectBroker,
  requireBroker,
  tickBatch,
  untilAnswered,
  watchConnection,
} from '#kit/broker/connect.ts';
import { names } from '#kit/broker/names.ts';
import { type Clock, sleep, systemClock } from '#kit/clock.ts';
import { createApp } from '#kit/http/app.ts';
import { serveOpenApi } from '#kit/http/openapi.ts';
import { sendError, sendProblem } from '#kit/http/problem.ts';
import { readWork, type WorkRequest, workRequest } from '#kit/http/request.ts';
import { Storage, StorageError } from '#kit/process/storage.ts';
import { Type } from '#kit/schema/type.ts';
import { configParser } from '#kit/schema/valid-parts.ts';
import type { Service, ServiceParts } from '#kit/service.ts';
import { headers } from '#kit/wire.ts';
import { BrokerPings } from './broker-pings.ts';
import { PublisherConfig } from './config.ts';

interface PublisherParts extends ServiceParts {
  readonly broker: NatsConnection;
}

const parse = configParser(PublisherConfig);

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

/** Publishes events and answers once the work stream holds them. */
export async function publisher(parts: PublisherParts): Promise<Service> {
  const { log, metrics, broker, clock = systemClock, initial = {} } = parts;
  const connected = watchConnection(broker);
  const storage = new Storage(metrics, log);
  const publish = publisherOf(broker, connected, clock);
  const published = metrics.counter('spillway_published_total');
  const duration = metrics.histogram('spillway_request_duration_seconds');
  let inFlight = 0;
  metrics.gauge('spillway_requests_in_flight', () => inFlight);
  let config = parse(initial);
  await untilAnswered(() => ensureStreams(broker, config.stream.maxPending), log);
  const pings = new BrokerPings(broker, connected, clock);

  const traffic = createApp(log);
  serveOpenApi(traffic, port);
  traffic.post('/events', { config: events }, async (request, reply) => {
    const event = readWork(request);
    const startedAtMs = clock.now();
    inFlight += 1;
    const outcome = await publish(event, config.publishTimeoutMs);
    inFlight -= 1;
    if (outcome.result === 'unstored') storage.failed(outcome.error);
    if (outcome.result === 'accepted') storage.stored();
    published.inc({ result: outcome.result });
    duration.observe({ outcome: outcome.result }, (clock.now() - startedAtMs) / 1000);
    return answer(outcome, reply);
  });

  return {
    name: 'publisher',
    metrics,
    traffic,
    config: {
      schema: PublisherConfig,
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

/** Result of publishing an event: only `accepted` and `duplicate` mean that the stream holds it. */
type Published =
  | { readonly result: 'accepted' | 'duplicate'; readonly sequence: number }
  /** The stream is full. */
  | { readonly result: 'dropped' }
  /** The broker could not store the event, e.g. on a full disk. */
  | { readonly result: 'unstored'; readonly error: StorageError }
  /** The event was never sent, because the broker is disconnected. */
  | { readonly result: 'unavailable' }
  /** The event was sent but not acknowledged, or it was refused only at a later try. */
  | { readonly result: 'unknown' };

const tryMs = 1000;
const pauseMs = 50;

/** Publishes one event until the stream acknowledges or refuses it, at most for `timeoutMs`. */
function publisherOf(connection: NatsConnection, isConnected: () => boolean, clock: Clock) {
  const client = jetstream(connection);
  const nextTurn = tickBatch();
  return async (event: WorkRequest, timeoutMs: number): Promise<Published> => {
    const { id } = event.body;
    const body = JSON.stringify(event.body);
    const giveUpAtMs = clock.now() + timeoutMs;
    await nextTurn();
    let unanswered = false;
    for (let leftMs = timeoutMs; leftMs > 0; leftMs = giveUpAtMs - clock.now()) {
      if (isConnected()) {
        try {
          const timeout = Math.min(tryMs, leftMs);
          const options = { msgID: id, headers: headersOf(event, timeoutMs - leftMs), timeout };
          return resultOf(await client.publish(names.subject, body, options));
        } catch (error) {
          const refused = refusedAs(error);
          // The stream may have stored the event at an earlier try, and forgotten its id since.
          if (refused) return unanswered ? { result: 'unknown' } : refused;
          unanswered = true;
        }
      }
      await sleep(Math.min(pauseMs, leftMs), clock);
    }
    return { result: unanswered ? 'unknown' : 'unavailable' };
  };
}

/** `triedMs` is the time since the first try to publish the event. */
function headersOf({ class: ofClass, traceparent, leftMs }: WorkRequest, triedMs: number): MsgHdrs {
  const all = natsHeaders();
  if (ofClass !== undefined) all.append(headers.class, ofClass);
  if (traceparent !== undefined) all.append(headers.traceparent, traceparent);
  if (leftMs !== undefined) all.append(headers.timeoutMs, String(Math.max(0, Math.round(leftMs - triedMs))));
  return all;
}

/** Returns the result if the broker refused the event; undefined if it did not answer. */
function refusedAs(error: unknown): Published | undefined {
  if (isStreamFull(error)) return { result: 'dropped' };
  const cause = brokerError(error);
  return cause instanceof StorageError ? { result: 'unstored', error: cause } : undefined;
}

/** Sequence 0 marks an id that was refused before and is refused again. */
function resultOf({ seq, duplicate }: PubAck): Published {
  if (seq === 0) return { result: 'dropped' };
  return { result: duplicate ? 'duplicate' : 'accepted', sequence: seq };
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
