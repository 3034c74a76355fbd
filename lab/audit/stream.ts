import { type JetStreamManager, jetstreamManager, type NextMsgRequest } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { names } from '#kit/broker.ts';
import { requestIndex } from '#kit/wire.ts';

/** What the broker still holds, as indices of requests. */
export interface Remains {
  /** In the work stream. */
  readonly pending: ReadonlySet<number>;
  /** In the dead-letter stream. */
  readonly dead: ReadonlySet<number>;
  /** Messages in the work stream that no consumer will ever get; must be 0. */
  readonly stuck: number;
}

/** Reads both streams to their end without touching what the consumer will get. */
export async function readRemains(connection: NatsConnection): Promise<Remains> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const consumer = await manager.consumers.info(names.stream, names.consumer);
  // After that, so that an acknowledgement between the two makes no message seem stuck.
  const work = await manager.streams.info(names.stream);
  return {
    pending: await indicesIn(manager, names.stream, 'Nats-Msg-Id'),
    dead: await indicesIn(manager, names.deadLetters, 'Spillway-Id'),
    stuck: Math.max(0, work.state.messages - consumer.num_pending - consumer.num_ack_pending),
  };
}

/** Readers of one stream: as many messages are on their way at most. */
const readers = 32;

/**
 * A work queue allows one consumer only, and nats-server 2.10 gives no batches without one: so messages are asked for one
 * by one, by readers that share the sequences among them.
 */
async function indicesIn(manager: JetStreamManager, stream: string, header: string): Promise<Set<number>> {
  const { state } = await manager.streams.info(stream);
  const indices = new Set<number>();
  if (state.messages === 0) return indices;
  const share = Math.ceil((state.last_seq - state.first_seq + 1) / readers);
  const read = async (first: number, last: number) => {
    for (let seq = first; seq <= last; ) {
      // The next one there is, so that sequences that are gone cost nothing.
      const next: NextMsgRequest & { seq: number } = { seq, next_by_subj: '>' };
      const message = await manager.streams.getMessage(stream, next);
      if (!message || message.seq > last) return;
      indices.add(requestIndex(message.header.get(header)));
      seq = message.seq + 1;
    }
  };
  const starts = Array.from({ length: readers }, (_, reader) => state.first_seq + reader * share);
  await Promise.all(starts.map((first) => read(first, Math.min(first + share - 1, state.last_seq))));
  return indices;
}
