import type {
  ConsumerConfig,
  ConsumerInfo,
  JsMsg,
  PubAck,
  StoredMsg,
  StreamConfig,
  StreamInfo,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';

export type Headers = Iterable<readonly [name: string, values: readonly string[]]>;

/** Message that the broker delivered. */
export type Delivered = Pick<JsMsg, 'seq' | 'time' | 'subject' | 'data' | 'string'> &
  Pick<JsMsg, 'ack' | 'nak' | 'working'> & {
    readonly headers?: Headers | undefined;
    readonly info: Pick<JsMsg['info'], 'deliveryCount'>;
  };

/** Message of a stream, read without affecting its consumer. */
export type Stored = Pick<StoredMsg, 'seq' | 'time' | 'subject' | 'data' | 'string'> & {
  readonly header: Headers;
};

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
  /** Throws if the consumer or the stream is deleted. */
  readonly messages: AsyncIterable<Delivered>;
  /** Pulls no more. Resolves when messages in transit have arrived. `close` alone leaves them to their ack wait. */
  drain(): Promise<unknown>;
  close(): unknown;
}

export interface StoreOptions {
  /** Id by which the broker detects a duplicate. */
  readonly msgID?: string;
  readonly headers?: Headers | undefined;
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
