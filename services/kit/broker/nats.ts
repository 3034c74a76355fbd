import {
  JetStreamApiError,
  type JetStreamManager,
  jetstream,
  jetstreamManager,
  type PubAck,
} from '@nats-io/jetstream';
import {
  connect,
  createInbox,
  type MsgHdrs,
  type NatsConnection,
  headers as natsHeaders,
  type Subscription,
} from '@nats-io/transport-node';
import { systemClock } from '#kit/clock.ts';
import type { Logger } from '#kit/log.ts';
import { urlsIn } from '#kit/urls.ts';
import type { Broker, StoreOptions } from './client.ts';
import { greetingMs, patienceMs, pings, reconnect } from './connect.ts';
import { loginOf } from './login.ts';
import { names } from './names.ts';

/**
 * Connects to the broker, waits for it if necessary, and reconnects without limit. `url` has the URLs of all its
 * servers, separated by commas. `credentials` as `user:password`.
 * With `withinMs`, rejects if the broker refuses the first connection or does not answer in that time.
 */
export async function connectBroker(
  url: string,
  name: string,
  credentials?: string,
  withinMs?: number,
): Promise<NatsBroker> {
  const connection = await connect({
    servers: urlsIn(url),
    ignoreClusterUpdates: true, // the servers may have proxies before them
    name,
    ...loginOf(credentials),
    maxReconnectAttempts: -1,
    waitOnFirstConnect: withinMs === undefined,
    timeout: withinMs ?? greetingMs,
    reconnectTimeWait: reconnect.waitMs,
    reconnectJitter: reconnect.jitterMs,
    pingInterval: pings.everyMs,
    maxPingOut: pings.unansweredMax,
    noAsyncTraces: true,
  });
  return withBroker(connection);
}

/** Connects a service to the broker of its environment, without a time limit. Logs a warning if that takes 2 s. */
export async function awaitBroker(
  env: { readonly NATS_URL: string; readonly NATS_CREDENTIALS: string },
  name: string,
  log: Logger,
): Promise<NatsBroker> {
  const timer = systemClock.after(patienceMs, () => log.warn(`waiting for the broker at ${env.NATS_URL}`));
  try {
    return await connectBroker(env.NATS_URL, name, env.NATS_CREDENTIALS);
  } finally {
    systemClock.cancel(timer);
  }
}

/** Connection over NATS, with the methods of `Broker`. */
export type NatsBroker = NatsConnection & Broker;

const pullExpiresMs = 1000;

/** Adds the methods of `Broker` to a connection. */
function withBroker(connection: NatsConnection): NatsBroker {
  const manager = (timeout?: number): Promise<JetStreamManager> =>
    jetstreamManager(connection, { checkAPI: false, ...(timeout !== undefined && { timeout }) });
  const pulling = jetstream(connection, { timeout: pullExpiresMs });
  const own: Omit<Broker, keyof NatsConnection> = {
    manager,
    store: storing(connection),
    async pull(messages) {
      const consumer = await pulling.consumers.get(names.stream, names.consumer);
      // A single continuous pull: between separate pulls, handlers would be idle.
      const pulled = await consumer.consume({
        max_messages: messages,
        expires: pullExpiresMs,
        abort_on_missing_resource: true,
      });
      const { sub } = pulled as unknown as { sub: Subscription };
      return {
        messages: pulled,
        drain: () => sub.drain(),
        close: () => pulled.close(),
      };
    },
    // The client's `ackAck()` can't be used. After it the client ignores `nak()` and `working()`, even without a
    // confirmation. The event would then return only after its ack wait.
    confirm(message, timeoutMs) {
      // Every delivered message has a reply subject, though the client's type hides it.
      const { reply } = message as unknown as { readonly reply: string };
      return connection.request(reply, '+ACK', { timeout: timeoutMs });
    },
    endOfTurn: tickBatch(),
  };
  return Object.assign(connection, own);
}

/** A stream's answer to a message. */
type Stored = PubAck & { readonly error?: ConstructorParameters<typeof JetStreamApiError>[0] };

/** Returns `Broker.store`. The client's `publish` takes 10 % of the publisher's time more: an error for each answer. */
function storing(connection: NatsConnection): Broker['store'] {
  const inbox = createInbox();
  const open = new Map<string, (answer: Stored | Error) => void>();
  connection.subscribe(`${inbox}.*`, {
    callback(_error, message) {
      const isRefused = message.headers?.code === 503;
      open.get(message.subject)?.(isRefused ? new Error('JetStream is not enabled') : message.json());
    },
  });
  let count = 0;
  return (subject, data, options) =>
    new Promise((resolve, reject) => {
      const reply = `${inbox}.${++count}`;
      const settle = (answer: Stored | Error) => {
        systemClock.cancel(timer);
        open.delete(reply);
        if (answer instanceof Error) reject(answer);
        else if (answer.error) reject(new JetStreamApiError(answer.error));
        else resolve({ ...answer, duplicate: answer.duplicate ?? false });
      };
      const headers = headersOf(options);
      connection.publish(subject, data, { reply, headers }); // throws before there is anything to clean up
      const late = () => settle(new Error(`no answer within ${options.timeout} ms`));
      const timer = systemClock.after(options.timeout, late);
      open.set(reply, settle);
    });
}

function headersOf({ msgID, expect = {}, headers = [] }: StoreOptions): MsgHdrs {
  const all = natsHeaders();
  for (const [name, values] of headers) for (const value of values) all.append(name, value);
  if (msgID !== undefined) all.append('Nats-Msg-Id', msgID);
  if (expect.streamName !== undefined) all.append('Nats-Expected-Stream', expect.streamName);
  const { lastSubjectSequence } = expect;
  if (lastSubjectSequence !== undefined)
    all.append('Nats-Expected-Last-Subject-Sequence', String(lastSubjectSequence));
  return all;
}

/**
 * Returns a function. Each call returns a promise that resolves at the end of the current turn of the event loop. The
 * broker's client sends all messages of a turn in one write. A write costs as much CPU as all other work on an event;
 * batching saves a quarter of the total in bursts.
 */
export function tickBatch(): () => Promise<void> {
  let end: Promise<void> | undefined;
  return () => {
    end ??= new Promise((resolve) => {
      setImmediate(() => {
        end = undefined;
        resolve();
      });
    });
    return end;
  };
}
