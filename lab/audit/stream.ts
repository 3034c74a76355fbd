import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { names } from '#kit/broker.ts';
import { originOf } from '#kit/letter.ts';
import { isOfWarmUp, requestIndex } from '#kit/wire.ts';
import { eachMessage } from '#lab/each-message.ts';

/** What the broker still holds, as indices of requests. */
export interface Remains {
  /** In the work stream. */
  readonly pending: ReadonlySet<number>;
  /** Messages of the warm-up in the work stream. */
  readonly warmUp: number;
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
  // After that, so that an acknowledgement between the two makes no message seem stuck; and read, since the broker still
  // counts messages for a while that were acknowledged.
  const left = await idsIn(manager, names.stream);
  const dead = await idsIn(manager, names.deadLetters);
  return {
    pending: new Set(left.map(requestIndex)),
    warmUp: left.filter(isOfWarmUp).length,
    dead: new Set(dead.map(requestIndex)),
    receipts: (await manager.streams.info(names.receipts)).state.messages,
    stuck: Math.max(0, left.length - consumer.num_pending - consumer.num_ack_pending),
  };
}

async function idsIn(manager: JetStreamManager, stream: string): Promise<string[]> {
  const ids: string[] = [];
  await eachMessage(manager, stream, (message) => {
    ids.push(originOf(message).id);
  });
  return ids;
}
