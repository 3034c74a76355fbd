import type { ConsumerInfo } from '@nats-io/jetstream';
import type { Broker, Chosen, Delivered, Manager, Pull, Stored } from '#kit/broker/client.ts';
import { names } from '#kit/broker/names.ts';
import type { AffectedWire } from '#lab/world/simulated/affected-wire.ts';
import type { Delay } from '#lab/world/simulated/hop.ts';
import type { Machine } from '#lab/world/simulated/process.ts';
import type { SimulatedBroker } from './broker.ts';
import { SimulatedPull } from './pull.ts';
import type { Entry } from './stream.ts';
import { Tunnel } from './tunnel.ts';

/** Timeout of a request, as in the client library. */
const answerWithinMs = 5000;

export interface WayToBroker {
  readonly broker: SimulatedBroker;
  readonly hop: Delay;
  /** Hop through a proxy. Missing if it has none. */
  readonly proxied?: AffectedWire | undefined;
}

/** Connects a process to a simulated broker over a hop. Resolves when connected. */
export async function connectTo({
  broker,
  hop,
  proxied,
  party,
  clock,
}: WayToBroker & Pick<Machine, 'party' | 'clock'>): Promise<Broker> {
  const session = broker.connect(party, hop, proxied && ((session) => new Tunnel(proxied, session, clock)));
  await session.connected;
  /** Asks the broker, and resolves with its answer, or rejects like the broker or after a timeout. */
  const ask = <T>(question: () => T, withinMs = answerWithinMs): Promise<T> =>
    new Promise((resolve, reject) => {
      // The client's error has the same name.
      const timer = clock.after(withinMs, () => reject(new DOMException('timeout', 'TimeoutError')));
      const settle = (how: () => void) =>
        session.receive(() => {
          clock.cancel(timer);
          how();
        });
      session.send(() => {
        try {
          const answer = question();
          settle(() => resolve(answer));
        } catch (error) {
          settle(() => reject(error));
        }
      });
    });

  const delivered = (message: Entry, deliveryCount: number): Delivered => {
    const { seq, time, subject, payload, headers } = message;
    // Found on each call, since the stream may have another consumer by then, or none, which drops the message.
    const tellConsumer = (act: (consumer: ReturnType<SimulatedBroker['consumer']>) => void) =>
      session.send(() => {
        const consumer = broker.findConsumer(names.stream);
        if (consumer) act(consumer);
      });
    return {
      ...{ seq, time, subject, info: { deliveryCount } },
      data: payload as Uint8Array,
      headers,
      string: () => textOf(payload),
      ack: () => tellConsumer((consumer) => consumer.ack(seq)),
      nak: (delayMs) => tellConsumer((consumer) => consumer.nak(seq, delayMs)),
      working: () => tellConsumer((consumer) => consumer.working(seq)),
    };
  };

  return {
    get info() {
      return { server_id: broker.id, version: '' };
    },
    manager: async (timeoutMs) => managerOf(broker, (question) => ask(question, timeoutMs)),
    store: (subject, data, options) => ask(() => broker.store(subject, data, options), options.timeout),
    async pull(messages): Promise<Pull> {
      const consumer = await ask(() => broker.consumer(names.stream));
      return new SimulatedPull(messages, { consumer, session, delivered });
    },
    confirm: ({ seq }, timeoutMs) => ask(() => broker.consumer(names.stream).ack(seq), timeoutMs),
    endOfTurn: () => Promise.resolve(),
    publish: (subject, payload) => session.send(() => broker.publish(subject, textOf(payload as string))),
    flush: () => ask(() => undefined),
    status: () => session.statuses() as ReturnType<Broker['status']>,
    isClosed: () => false,
    drain: async () => undefined,
    close: async () => undefined,
  };
}

type Ask = <T>(question: () => T, withinMs?: number) => Promise<T>;

const managerOf = (broker: SimulatedBroker, ask: Ask): Manager => ({
  streams: {
    add: (options) => ask(() => broker.addStream(options)),
    update: (name, options) => ask(() => broker.stream(name).update(options)),
    info: (name) => ask(() => broker.stream(name).info),
    getMessage: (name, chosen: Chosen) => ask(() => storedOf(broker.stream(name).find(chosen))),
    deleteMessage: (name, seq) => ask(() => broker.stream(name).delete(seq)),
    async *names() {}, // only the leader of a cluster is asked for them
    purge: (name) => ask(() => broker.stream(name).purge()),
    delete: (name) => ask(() => broker.deleteStream(name)),
  },
  consumers: {
    add: (stream, options) => ask(() => broker.addConsumer(stream, options)),
    update: (stream, _name, options) =>
      ask(() => {
        broker.consumer(stream).options = options;
      }),
    info: (stream) => ask(() => broker.consumer(stream).info as unknown as ConsumerInfo),
    delete: (stream) => ask(() => broker.deleteConsumer(stream)),
  },
});

const textOf = (payload: string | Uint8Array): string =>
  typeof payload === 'string' ? payload : new TextDecoder().decode(payload);

const storedOf = (entry: Entry | undefined): Stored | null =>
  entry === undefined
    ? null
    : {
        ...entry,
        header: entry.headers,
        data: entry.payload as Uint8Array,
        string: () => textOf(entry.payload),
      };
