import type { PubAck, StreamConfig, StreamInfo } from '@nats-io/jetstream';
import { nsPerMs } from '#kit/broker/broker.ts';
import type { Chosen, Stored, StoreOptions } from '#kit/broker/client.ts';
import type { Clock } from '#kit/clock.ts';
import { ExpectedError } from '#kit/expected-error.ts';

/** Stored message with its payload as it was published. */
export interface Entry extends Omit<Stored, 'header' | 'data' | 'string'> {
  readonly payload: string | Uint8Array;
  readonly headers: ReadonlyMap<string, readonly string[]>;
}

export type StreamOptions = Partial<StreamConfig> & Pick<StreamConfig, 'name'>;

/** Errors of JetStream's API that the model returns: code and text of nats-server. */
const apiErrors = {
  streamMissing: [10059, 'stream not found'],
  consumerMissing: [10014, 'consumer not found'],
  consumerExists: [10148, 'consumer already exists'],
  nameInUse: [10058, 'stream name already in use with a different configuration'],
  fullOfMessages: [10077, 'maximum messages exceeded'],
  tooLarge: [10054, 'message size exceeds maximum allowed'],
  wrongLastSequence: [10071, 'wrong last sequence'],
} as const;

/** Returns an error of JetStream's API. It has the name and the code of the client's. */
export function apiError(kind: keyof typeof apiErrors): ExpectedError {
  const [code, text] = apiErrors[kind];
  return Object.assign(new ExpectedError(text), { name: 'JetStreamApiError', code });
}

/**
 * Stream of a simulated broker: bounded, with a window in which it detects repeated message ids. Throws
 * JetStreamApiError like nats-server.
 */
export class SimulatedStream {
  options: StreamOptions;
  lastSequence = 0;
  readonly #clock: () => Clock;
  /** Messages by sequence, in ascending order. */
  readonly #messages = new Map<number, Entry>();
  /** Sequence of the last message of each subject. */
  readonly #lastOf = new Map<string, number>();
  /** Sequences and times of message ids, oldest first. */
  readonly #ids = new Map<string, { readonly seq: number; readonly atMs: number }>();

  constructor(options: StreamOptions, clock: () => Clock) {
    this.options = options;
    this.#clock = clock;
  }

  get size(): number {
    return this.#messages.size;
  }

  /** Counts the messages stored before a time, which come first. */
  countBefore(atMs: number): number {
    let count = 0;
    for (const { time } of this.#messages.values()) {
      if (time.getTime() >= atMs) break;
      count += 1;
    }
    return count;
  }

  get first(): Entry | undefined {
    return this.#messages.values().next().value;
  }

  /** Sequence of the first message; the next sequence if the stream is empty, like nats-server. */
  get firstSequence(): number {
    return this.first?.seq ?? this.lastSequence + 1;
  }

  /** Part of nats-server's answer that Spillway reads. */
  get info(): Pick<StreamInfo, 'state' | 'config'> & { readonly ts: string } {
    const state = {
      messages: this.size,
      first_seq: this.firstSequence,
      last_seq: this.lastSequence,
      first_ts: (this.first?.time ?? new Date(0)).toISOString(),
    };
    return {
      state: state as StreamInfo['state'],
      config: this.options as StreamConfig,
      ts: this.#clock().wallTime().toISOString(),
    };
  }

  update(options: Partial<StreamConfig>) {
    this.options = { ...this.options, ...options };
    return this.info;
  }

  takes(subject: string): boolean {
    return (this.options.subjects ?? []).some(
      (own) => own === subject || (own.endsWith('>') && subject.startsWith(own.slice(0, -1))),
    );
  }

  store(
    subject: string,
    payload: string | Uint8Array,
    { msgID, headers, expect }: Omit<StoreOptions, 'timeout'>,
  ): PubAck {
    const answer = (seq: number, duplicate: boolean): PubAck =>
      ({ stream: this.options.name, seq, duplicate }) as PubAck;
    const known = msgID === undefined ? undefined : this.#known(msgID);
    if (known) return answer(known.seq, true);
    if (expect?.lastSubjectSequence !== undefined) {
      if ((this.#lastOf.get(subject) ?? 0) !== expect.lastSubjectSequence)
        throw apiError('wrongLastSequence');
    }
    const { max_msgs = -1, max_msg_size = -1 } = this.options;
    if (max_msg_size >= 0 && payload.length > max_msg_size) throw apiError('tooLarge');
    if (max_msgs > 0 && this.size >= max_msgs) throw apiError('fullOfMessages');
    this.lastSequence += 1;
    const seq = this.lastSequence;
    if (msgID !== undefined) {
      this.#ids.set(msgID, { seq, atMs: this.#clock().now() });
    }
    const all = new Map([
      ...(headers ?? []),
      ...(msgID === undefined ? [] : [['Nats-Msg-Id', [msgID]] as const]),
    ]);
    this.#messages.set(seq, { seq, time: this.#clock().wallTime(), subject, payload, headers: all });
    this.#lastOf.set(subject, seq);
    return answer(seq, false);
  }

  get(seq: number): Entry | undefined {
    return this.#messages.get(seq);
  }

  /** Returns the first message from a sequence on. */
  from(seq: number): Entry | undefined {
    for (let next = Math.max(seq, this.firstSequence); next <= this.lastSequence; next++) {
      const message = this.#messages.get(next);
      if (message) return message;
    }
    return undefined;
  }

  find(chosen: Chosen): Entry | undefined {
    if ('last_by_subj' in chosen) {
      const seq = this.#lastOf.get(chosen.last_by_subj);
      return seq === undefined ? undefined : this.get(seq);
    }
    return 'next_by_subj' in chosen ? this.from(chosen.seq) : this.get(chosen.seq);
  }

  delete(seq: number): boolean {
    const message = this.#messages.get(seq);
    if (!message) return false;
    this.#messages.delete(seq);
    if (this.#lastOf.get(message.subject) === seq) this.#lastOf.delete(message.subject);
    return true;
  }

  purge(): void {
    for (const seq of [...this.#messages.keys()]) this.delete(seq);
  }

  /** Forgets ids older than the window, and looks one up. */
  #known(msgID: string) {
    const sinceMs = this.#clock().now() - (this.options.duplicate_window ?? defaultWindow) / nsPerMs;
    for (const [id, { atMs }] of this.#ids) {
      if (atMs > sinceMs) break;
      this.#ids.delete(id);
    }
    return this.#ids.get(msgID);
  }
}

/** Default of nats-server: two minutes, in nanoseconds. */
const defaultWindow = 120_000 * nsPerMs;
