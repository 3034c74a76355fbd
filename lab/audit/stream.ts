import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { names } from '#kit/broker.ts';
import { originOf } from '#kit/letter.ts';
import { requestIndex } from '#kit/wire.ts';
import { eachMessage } from '#lab/each-message.ts';

/** What the broker still holds, as indices of requests. */
export interface Remains {
  /** In the work stream. */
  readonly pending: ReadonlySet<number>;
  /** In the dead-letter stream. */
  readonly dead: ReadonlySet<number>;
  /** How many redriven events a consumer of Spillway's has taken. */
  readonly receipts: number;
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
    pending: await indicesIn(manager, names.stream),
    dead: await indicesIn(manager, names.deadLetters),
    receipts: (await manager.streams.info(names.receipts)).state.messages,
    stuck: Math.max(0, work.state.messages - consumer.num_pending - consumer.num_ack_pending),
  };
}

async function indicesIn(manager: JetStreamManager, stream: string): Promise<Set<number>> {
  const indices = new Set<number>();
  await eachMessage(manager, stream, (message) => {
    indices.add(requestIndex(originOf(message).id));
  });
  return indices;
}
