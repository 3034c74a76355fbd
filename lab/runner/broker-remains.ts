import type { ConsumerInfo } from '@nats-io/jetstream';
import type { Broker, Manager } from '#kit/broker/client.ts';
import { originOf } from '#kit/broker/dead-letter.ts';
import { names } from '#kit/broker/names.ts';
import { eachMessage } from '#kit/broker/stored.ts';
import { requestIndex } from '#kit/wire.ts';
import type { Remains } from '#lab/analysis/observation/observation.ts';

/** Number of deliveries from a broker to its consumer. */
export interface Deliveries {
  readonly made: number;
  /** Identifies the broker's start and the consumer. Only counts with the same `life` can be compared. */
  readonly life: string;
}

export async function readDeliveries(broker: Broker): Promise<Deliveries> {
  const manager = await broker.manager();
  return deliveriesIn(broker, await manager.consumers.info(names.stream, names.consumer));
}

const deliveriesIn = (broker: Broker, { created, delivered }: ConsumerInfo): Deliveries => ({
  made: delivered.consumer_seq,
  life: `${broker.info?.server_id} ${created}`,
});

/** Reads both streams without affecting the consumer. `before` is the number of deliveries at the start of the run. */
export async function readRemains(broker: Broker, before?: Deliveries): Promise<Remains> {
  const manager = await broker.manager();
  const consumer = await manager.consumers.info(names.stream, names.consumer);
  const { ack_floor, delivered, num_ack_pending } = consumer;
  const { made, life } = deliveriesIn(broker, consumer);
  // Messages are read after the consumer's state. Otherwise an acknowledgement in between would make a message seem
  // stuck. The broker's own count isn't used, since for a while it includes acknowledged messages.
  const left = await messagesIn(manager, names.stream);
  const dead = await messagesIn(manager, names.deadLetters);
  const idsIn = (first: number, last: number) =>
    left.flatMap(({ seq, id }) => (seq >= first && seq <= last ? id : []));
  return {
    pending: new Set(left.flatMap(({ seq, id }) => (seq > ack_floor.stream_seq ? requestIndex(id) : []))),
    behind: idsIn(0, ack_floor.stream_seq),
    delivered: idsIn(ack_floor.stream_seq + 1, delivered.stream_seq),
    unacknowledged: num_ack_pending,
    dead: new Set(dead.map(({ id }) => requestIndex(id))),
    receipts: (await manager.streams.info(names.receipts)).state.messages,
    deliveries: life === before?.life ? made - before.made : undefined,
  };
}

async function messagesIn(manager: Manager, stream: string): Promise<{ seq: number; id: string }[]> {
  const messages: { seq: number; id: string }[] = [];
  await eachMessage(manager, stream, (message) => {
    messages.push({ seq: message.seq, id: originOf(message).id });
  });
  return messages;
}
