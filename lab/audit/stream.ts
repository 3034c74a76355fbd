import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { names } from '#kit/broker.ts';
import { originOf } from '#kit/letter.ts';
import { requestIndex } from '#kit/wire.ts';
import { eachMessage } from '#lab/each-message.ts';

/** What the broker still holds, as indices of requests where nothing else is said. */
export interface Remains {
  /** In the work stream. */
  readonly pending: ReadonlySet<number>;
  /** Ids of those that no consumer will ever get, since up to there all is acknowledged. */
  readonly behind: readonly string[];
  /** Ids of those after that which were delivered; but for `unacknowledged` of them no consumer will ever get these, either. */
  readonly delivered: readonly string[];
  readonly unacknowledged: number;
  /** In the dead-letter stream. */
  readonly dead: ReadonlySet<number>;
  /** How many redriven events a consumer of Spillway's has taken. */
  readonly receipts: number;
}

/** Reads both streams to their end without touching what the consumer will get. */
export async function readRemains(connection: NatsConnection): Promise<Remains> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const { ack_floor, delivered, num_ack_pending } = await manager.consumers.info(
    names.stream,
    names.consumer,
  );
  // After that, so that an acknowledgement between the two makes no message seem stuck; and read, since the broker still
  // counts messages for a while that were acknowledged.
  const left = await messagesIn(manager, names.stream);
  const dead = await messagesIn(manager, names.deadLetters);
  const idsIn = (first: number, last: number) =>
    left.flatMap(({ seq, id }) => (seq >= first && seq <= last ? id : []));
  return {
    pending: new Set(left.map(({ id }) => requestIndex(id))),
    behind: idsIn(0, ack_floor.stream_seq),
    delivered: idsIn(ack_floor.stream_seq + 1, delivered.stream_seq),
    unacknowledged: num_ack_pending,
    dead: new Set(dead.map(({ id }) => requestIndex(id))),
    receipts: (await manager.streams.info(names.receipts)).state.messages,
  };
}

async function messagesIn(
  manager: JetStreamManager,
  stream: string,
): Promise<{ readonly seq: number; readonly id: string }[]> {
  const messages: { seq: number; id: string }[] = [];
  await eachMessage(manager, stream, (message) => {
    messages.push({ seq: message.seq, id: originOf(message).id });
  });
  return messages;
}
