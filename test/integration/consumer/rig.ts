import { type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { millis, type NatsConnection } from '@nats-io/transport-node';
import { onTestFinished } from 'vitest';
import { consumer } from '#consumer/consumer.ts';
import { ensureConsumer, ensureStreams } from '#kit/broker/broker.ts';
import { names } from '#kit/broker/names.ts';
import { type Clock, systemClock, wallTime } from '#kit/clock.ts';
import { Upstream } from '#kit/http-client/upstream.ts';
import { Metrics } from '#kit/metrics.ts';
import { type DeliveryReport, finishedSubject } from '#kit/wire.ts';
import { type AttemptCount, attemptsIn, counted, noAttempts } from '#load/sending/attempt-count.ts';
import { type Nats, reconnected } from '#test/support/nats.ts';
import { hold, silent } from '#test/support/serve.ts';
import { done, type Received, stubDownstream } from '#test/support/stub-downstream.ts';
import { until } from '#test/support/until.ts';

/** Creates both streams and the consumer, with functions to fill and to read them. */
export async function streams(nats: Nats) {
  const broker = await nats.fresh();
  await ensureStreams(broker);
  await ensureConsumer(broker, 30_000);
  const client = jetstream(broker);
  const manager = await jetstreamManager(broker, { checkAPI: false });
  // The attempts of a message are unknown if it was stored in the millisecond of the consumer's creation.
  const { created } = await manager.consumers.info(names.stream, names.consumer);
  await until(() => wallTime().getTime() > Date.parse(created), 'the consumer is a millisecond old');
  return {
    broker,
    publish: (...ids: string[]) =>
      Promise.all(ids.map((id) => client.publish(names.subject, JSON.stringify({ id }), { msgID: id }))),
    /** Takes up to `max` deliveries. Stops after 10 s. */
    async deliveries(max: number): Promise<JsMsg[]> {
      const source = await client.consumers.get(names.stream, names.consumer);
      const got: JsMsg[] = [];
      for await (const message of await source.fetch({ max_messages: max, expires: 10_000 }))
        got.push(message);
      return got;
    },
    ackWaitMs: async () =>
      millis((await manager.consumers.info(names.stream, names.consumer)).config.ack_wait!),
    ackPending: async () => (await manager.consumers.info(names.stream, names.consumer)).num_ack_pending,
    messages: async (stream: string = names.stream) => (await manager.streams.info(stream)).state.messages,
    letter: (sequence: number) => manager.streams.getMessage(names.deadLetters, { seq: sequence }),
  };
}

/** The consumer between a real broker and a stub of downstream. */
export async function rig(
  nats: Nats,
  initial: object,
  answer?: (received: Received) => void,
  clock: Clock = systemClock,
  given?: Awaited<ReturnType<typeof streams>>,
) {
  const stub = await stubDownstream(answer);
  const work = given ?? (await streams(nats));
  const listening = await nats.connect();
  const news = await listen(listening);
  const metrics = new Metrics();
  const upstream = new Upstream(stub.url);
  const broker = await nats.connect();
  const service = await consumer({ log: silent, metrics, broker, upstream, clock, initial });
  const inFlight = hold(service);
  return {
    ...work,
    ...inFlight,
    stub,
    news,
    /** Resolves when the test's connections are back: it can then send requests, and receives all completions. */
    reconnected: () => Promise.all([work.broker, listening].map(reconnected)),
    /** Resolves when `count` events are finished. */
    finished: (count: number) => until(() => news.length >= count, `${count} events are finished`),
    unready: async () => (await inFlight.control.inject('/readyz')).json().detail as string | undefined,
  };
}

/** Finished event. Its attempts are those of all deliveries, undefined if unknown. */
interface Finished {
  readonly id: string;
  readonly outcome: DeliveryReport['outcome'];
  readonly attempts: number | undefined;
}

async function listen(connection: NatsConnection): Promise<Finished[]> {
  const news: Finished[] = [];
  const counts = new Map<string, AttemptCount>();
  const subscription = connection.subscribe(finishedSubject, {
    callback: (_error, message) => {
      const report = message.json<DeliveryReport>();
      const { id, outcome } = report;
      const count = counted(counts.get(id) ?? noAttempts, report);
      counts.set(id, count);
      if (outcome !== 'redelivered') news.push({ id, outcome, attempts: attemptsIn(count) });
    },
  });
  onTestFinished(() => subscription.unsubscribe());
  await connection.flush();
  return news;
}

/** Ids `r0`, `r1` … */
export const ids = (count: number): string[] => Array.from({ length: count }, (_, i) => `r${i}`);

/** Answers 500 at once. */
export const fail = ({ response }: Received): void => void response.writeHead(500).end();

/** Answers after 2 ms, and counts the calls in flight. */
export function counting() {
  const seen = { now: 0, max: 0 };
  const answer = (received: Received) => {
    seen.now += 1;
    seen.max = Math.max(seen.max, seen.now);
    setTimeout(() => {
      seen.now -= 1;
      done(received);
    }, 2);
  };
  return { seen, answer };
}
