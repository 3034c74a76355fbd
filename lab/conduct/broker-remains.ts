import type { Broker, Manager } from '#kit/broker/client.ts';
import { originOf } from '#kit/broker/dead-letter.ts';
import { names } from '#kit/broker/names.ts';
import { eachMessage } from '#kit/broker/stored.ts';
import { requestIndex } from '#kit/wire.ts';
import type { Of } from '#lab/evidence/format.ts';

export interface StreamCounts {
  /** Deliveries to the consumer. */
  readonly made: number;
  readonly stored: number;
  /** Identifies the broker's start and the consumer. Only counts with the same `life` can be compared. */
  readonly life: string;
}

export async function readCounts(broker: Broker): Promise<StreamCounts> {
  const { consumers, streams } = await broker.manager();
  const { created, delivered } = await consumers.info(names.stream, names.consumer);
  const { state } = await streams.info(names.stream);
  const life = `${broker.info?.server_id} ${created}`;
  return { made: delivered.consumer_seq, stored: state.last_seq, life };
}

/** Reads both streams without affecting the consumer. `before` has the counts at the start of the run. */
export async function readRemains(broker: Broker, before?: StreamCounts): Promise<Of<'remains'>> {
  const manager = await broker.manager();
  const { made, stored, life } = await readCounts(broker);
  const consumer = await manager.consumers.info(names.stream, names.consumer);
  const { ack_floor, delivered, num_ack_pending } = consumer;
  // Messages are read after the consumer's state. Otherwise an acknowledgement in between would make a message seem
  // stuck. The broker's own count isn't used, since for a while it includes acknowledged messages.
  const left = await messagesIn(manager, names.stream);
  const dead = await messagesIn(manager, names.deadLetters);
  const idsIn = (first: number, last: number) =>
    left.flatMap(({ seq, id }) => (seq >= first && seq <= last ? id : []));
  const pending = left.filter(({ seq }) => seq > ack_floor.stream_seq);
  return {
    record: 'remains',
    pending: indexesOf(pending),
    dead: indexesOf(dead),
    behind: idsIn(0, ack_floor.stream_seq),
    delivered: idsIn(ack_floor.stream_seq + 1, delivered.stream_seq),
    unacknowledged: num_ack_pending,
    ...(life === before?.life && { deliveries: made - before.made, stored: stored - before.stored }),
  };
}

const indexesOf = (messages: readonly { id: string }[]): number[] => [
  ...new Set(messages.map(({ id }) => requestIndex(id))),
];

async function messagesIn(manager: Manager, stream: string): Promise<{ seq: number; id: string }[]> {
  const messages: { seq: number; id: string }[] = [];
  await eachMessage(manager, stream, (message) => {
    messages.push({ seq: message.seq, id: originOf(message).id });
  });
  return messages;
}
