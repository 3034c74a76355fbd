import { brokerError, ensureStreams, isStreamFull } from '#kit/broker/broker.ts';
import type { Broker, Headers } from '#kit/broker/client.ts';
import { appliedWithinMs, requireBroker, untilAnswered, watchConnection } from '#kit/broker/connect.ts';
import { names } from '#kit/broker/names.ts';
import { type Clock, sleep, systemClock } from '#kit/clock.ts';
import { type Answer, problem } from '#kit/http/problem.ts';
import type { WorkRequest } from '#kit/http/request.ts';
import { Storage, StorageError } from '#kit/process/storage.ts';
import { parser } from '#kit/schema/parser.ts';
import type { ServiceParts } from '#kit/service.ts';
import { headers } from '#kit/wire.ts';
import { PublisherConfig } from './config.ts';

export interface PublisherParts extends ServiceParts {
  readonly broker: Broker;
}

const parse = parser(PublisherConfig);

/** Returns the parts of the publisher that don't depend on the transport. */
export async function eventsOf({ log, metrics, broker, clock = systemClock, initial = {} }: PublisherParts) {
  const connected = watchConnection(broker);
  const storage = new Storage(metrics, log);
  const publish = publisherOf(broker, connected, clock);
  const published = metrics.counter('spillway_published_total');
  const duration = metrics.histogram('spillway_request_duration_seconds');
  let inFlight = 0;
  metrics.gauge('spillway_requests_in_flight', () => inFlight);
  let config = parse(initial);
  const ensure =
    ({ stream, replicas }: PublisherConfig) =>
    (answerMs: number) =>
      ensureStreams(broker, stream.maxPending, replicas, answerMs);
  await untilAnswered(ensure(config), log, clock);

  return {
    connected,
    config: {
      current: () => config,
      parse,
      async apply(next: PublisherConfig) {
        await requireBroker(broker, connected, clock);
        await storage.following(untilAnswered(ensure(next), log, clock, appliedWithinMs));
        config = next;
      },
    },
    unready: () => (connected() ? storage.broken : 'the broker is unavailable'),
    /** Resolves with the answer, and never rejects. */
    async serve(event: WorkRequest): Promise<Answer> {
      const startedAtMs = clock.now();
      inFlight += 1;
      const outcome = await publish(event, config.publishTimeoutMs);
      inFlight -= 1;
      if (outcome.result === 'unstored') storage.failed(outcome.error);
      if (outcome.result === 'accepted') storage.stored();
      published.inc({ result: outcome.result });
      duration.observe({ outcome: outcome.result }, (clock.now() - startedAtMs) / 1000);
      return answerTo(outcome);
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

/** Returns a function that tries to publish an event until the stream stores or refuses it, at most for `timeoutMs`. */
function publisherOf(broker: Broker, isConnected: () => boolean, clock: Clock) {
  return async (event: WorkRequest, timeoutMs: number): Promise<Published> => {
    const { id } = event.body;
    const body = JSON.stringify(event.body);
    const giveUpAtMs = clock.now() + timeoutMs;
    await broker.endOfTurn();
    let unanswered = false;
    for (let leftMs = timeoutMs; leftMs > 0; leftMs = giveUpAtMs - clock.now()) {
      if (isConnected()) {
        try {
          const timeout = Math.min(tryMs, leftMs);
          const options = { msgID: id, headers: headersOf(event, timeoutMs - leftMs), timeout };
          const { seq, duplicate } = await broker.store(names.subject, body, options);
          // A cluster answers 0 to an id that it refused before, or has not replicated yet.
          if (seq > 0) return { result: duplicate ? 'duplicate' : 'accepted', sequence: seq };
          unanswered = true;
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

/** Returns the headers of an event. `triedMs` is the time since the first try to publish it. */
function headersOf({ class: ofClass, traceparent, leftMs }: WorkRequest, triedMs: number): Headers {
  const all = new Map<string, string[]>();
  if (ofClass !== undefined) all.set(headers.class, [ofClass]);
  if (traceparent !== undefined) all.set(headers.traceparent, [traceparent]);
  if (leftMs !== undefined) all.set(headers.timeoutMs, [String(Math.max(0, Math.round(leftMs - triedMs)))]);
  return all;
}

/** Returns the result if the broker refused the event; undefined if it did not answer. */
function refusedAs(error: unknown): Published | undefined {
  if (isStreamFull(error)) return { result: 'dropped' };
  const cause = brokerError(error);
  return cause instanceof StorageError ? { result: 'unstored', error: cause } : undefined;
}

type Unsuccessful = Exclude<Published['result'], 'accepted' | 'duplicate' | 'unstored'>;

const problems: Readonly<Record<Unsuccessful, readonly [status: number, name: string, title: string]>> = {
  dropped: [429, 'stream-full', 'The work stream is full'],
  unavailable: [503, 'no-broker', 'The broker is unavailable'],
  unknown: [504, 'no-acknowledgement', 'The broker did not acknowledge the event in time'],
};

function answerTo(outcome: Published): Answer {
  if (outcome.result === 'unstored') return { status: 507, contentType: '', body: '', error: outcome.error };
  if ('sequence' in outcome) {
    const body = `{"seq":${outcome.sequence},"duplicate":${outcome.result === 'duplicate'}}`;
    return { status: 202, contentType: 'application/json', body };
  }
  return problem(...problems[outcome.result]);
}
