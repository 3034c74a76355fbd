import {
  type ConsumerConfig,
  type ConsumerInfo,
  type JetStreamManager,
  type JsMsg,
  jetstream,
  jetstreamManager,
  type PubAck,
  type StoredMsg,
  type StreamConfig,
  type StreamInfo,
} from '@nats-io/jetstream';
import type { MsgHdrs, NatsConnection, Subscription } from '@nats-io/transport-node';
import { names } from './names.ts';

/** Message that the broker delivered. */
export type Delivered = Pick<JsMsg, 'seq' | 'time' | 'subject' | 'data' | 'headers' | 'string'> &
  Pick<JsMsg, 'ack' | 'nak' | 'working'> & { readonly info: Pick<JsMsg['info'], 'deliveryCount'> };

/** Message of a stream, read without affecting its consumer. */
export type Stored = Pick<StoredMsg, 'seq' | 'time' | 'subject' | 'data' | 'header' | 'string'>;

type StreamOptions = Partial<StreamConfig> & Pick<StreamConfig, 'name'>;
type ConsumerOptions = Partial<ConsumerConfig>;

/** Request for one message of a stream. */
export type Chosen =
  | { readonly seq: number }
  | { readonly last_by_subj: string }
  /** The first message from a sequence on. */
  | { readonly seq: number; readonly next_by_subj: '>' };

/** JetStream's API for streams and consumers, as far as Spillway uses it. Calls reject with JetStreamApiError. */
export interface Manager {
  readonly streams: {
    add(options: StreamOptions): Promise<unknown>;
    update(name: string, options: Partial<StreamConfig>): Promise<Pick<StreamInfo, 'config'>>;
    info(name: string): Promise<Pick<StreamInfo, 'state' | 'config'> & Partial<Pick<StreamInfo, 'cluster'>>>;
    getMessage(name: string, chosen: Chosen): Promise<Stored | null>;
    deleteMessage(name: string, seq: number, erase: boolean): Promise<boolean>;
    /** Names of the streams that take a subject. */
    names(subject: string): AsyncIterable<string>;
    purge(name: string): Promise<unknown>;
    delete(name: string): Promise<boolean>;
  };
  readonly consumers: {
    add(stream: string, options: ConsumerOptions): Promise<unknown>;
    update(stream: string, name: string, options: ConsumerOptions): Promise<unknown>;
    info(stream: string, name: string): Promise<ConsumerInfo>;
    delete(stream: string, name: string): Promise<boolean>;
  };
}

/** Continuous pull of the work stream's messages. */
export interface Pull {
  /** Creation of the stream's consumer, in ms of the broker's wall clock. */
  readonly madeAtMs: number;
  /** Throws if the consumer or the stream is deleted. */
  readonly messages: AsyncIterable<Delivered>;
  /**
   * Pulls no more, and resolves when all messages in transit have arrived. With `close` alone, they would be
   * redelivered only after their ack wait.
   */
  drain(): Promise<unknown>;
  close(): unknown;
}

export interface StoreOptions {
  /** Id by which the broker detects a duplicate. */
  readonly msgID?: string;
  readonly headers?: MsgHdrs;
  readonly expect?: { readonly lastSubjectSequence?: number; readonly streamName?: string };
  readonly timeout: number;
}

/** Connection to a broker, real or simulated. */
export interface Broker
  extends Pick<NatsConnection, 'publish' | 'status' | 'flush' | 'isClosed' | 'drain' | 'close'> {
  /** Present while connected. */
  readonly info?: { readonly server_id: string; readonly version: string } | undefined;
  /** Returns the API for streams and consumers. Each call rejects after `timeoutMs` without an answer. */
  manager(timeoutMs?: number): Promise<Manager>;
  /** Publishes a message to a stream, and resolves when the stream holds it. */
  store(subject: string, data: string | Uint8Array, options: StoreOptions): Promise<PubAck>;
  /** Pulls at most `messages` ahead. */
  pull(messages: number): Promise<Pull>;
  /** Acknowledges a message, and resolves when the broker has confirmed it. */
  confirm(message: Delivered, timeoutMs: number): Promise<unknown>;
  /** Resolves at the end of the current turn, in which all messages are sent together. */
  endOfTurn(): Promise<void>;
}

/** Connection over NATS, with the methods of `Broker`. */
export type NatsBroker = NatsConnection & Broker;

const pullExpiresMs = 1000;

/** Adds the methods of `Broker` to a connection. */
export function withBroker(connection: NatsConnection): NatsBroker {
  const manager = (timeout?: number): Promise<JetStreamManager> =>
    jetstreamManager(connection, { checkAPI: false, ...(timeout !== undefined && { timeout }) });
  const client = jetstream(connection);
  const pulling = jetstream(connection, { timeout: pullExpiresMs });
  const own: Omit<Broker, keyof NatsConnection> = {
    manager,
    store: (subject, data, options) => client.publish(subject, data, options),
    async pull(messages) {
      const consumer = await pulling.consumers.get(names.stream, names.consumer);
      const { created } = await consumer.info(true);
      // A single continuous pull: between separate pulls, handlers would be idle.
      const pulled = await consumer.consume({
        max_messages: messages,
        expires: pullExpiresMs,
        abort_on_missing_resource: true,
      });
      const { sub } = pulled as unknown as { sub: Subscription };
      return {
        madeAtMs: Date.parse(created),
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
