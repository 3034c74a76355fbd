import { jetstream, jetstreamManager } from '@nats-io/jetstream';
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
  const work = await manager.streams.info(names.stream);
  const consumer = await manager.consumers.info(names.stream, names.consumer);
  return {
    pending: await indicesIn(connection, names.stream, 'Nats-Msg-Id'),
    dead: await indicesIn(connection, names.deadLetters, 'Spillway-Id'),
    stuck: Math.max(0, work.state.messages - consumer.num_pending - consumer.num_ack_pending),
  };
}

/** A work queue allows one consumer only, so messages are read one by one, by sequence. */
async function indicesIn(connection: NatsConnection, stream: string, header: string): Promise<Set<number>> {
  const { state } = await (await jetstreamManager(connection, { checkAPI: false })).streams.info(stream);
  const { streams } = jetstream(connection);
  const source = await streams.get(stream);
  const indices = new Set<number>();
  for (let seq = state.first_seq; state.messages > 0 && seq <= state.last_seq; seq++) {
    const message = await source.getMessage({ seq });
    if (message) indices.add(requestIndex(message.header.get(header)));
  }
  return indices;
}
