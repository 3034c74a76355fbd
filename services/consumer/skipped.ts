import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { names } from '#kit/broker/names.ts';
import { type Clock, sleep } from '#kit/clock.ts';

/** Looks that must agree: a message whose acknowledgement is under way is gone at the next. */
const looks = 3;
/** A broker that has just started can't answer yet. */
const triesMax = 50;
const everyMs = 100;

/**
 * Deletes the stream's consumer if the broker skips messages. To be called after either has started. A broker that is
 * killed when all messages of a work queue are acknowledged may forget the last sequence of the stream, but not that of the
 * consumer. It then counts the next messages as delivered, and never delivers them (nats-server #6881, fixed in 2.11).
 * Resolves with true if it was so; gives up once the connection is closed.
 */
export async function dropSkipping(connection: NatsConnection, clock: Clock): Promise<boolean> {
  let skipped: Skipped;
  let seen = 0;
  for (let tries = 0; tries < triesMax && !connection.isClosed(); tries++) {
    const found = await findSkipped(connection).catch(() => undefined);
    if (found === 'none') return false;
    if (found !== undefined) {
      seen = found === skipped ? seen + 1 : 1;
      skipped = found;
    }
    if (seen >= looks && (await remove(connection).catch(() => false))) return true;
    await sleep(everyMs, clock);
  }
  return false;
}

/** First stored message that counts as acknowledged, or the next one to come; undefined without an answer. */
type Skipped = number | 'next' | 'none' | undefined;

async function findSkipped(connection: NatsConnection): Promise<Skipped> {
  const { consumers, streams } = await jetstreamManager(connection, { checkAPI: false });
  // In this order, since the stream grows meanwhile.
  const { delivered, ack_floor } = await consumers.info(names.stream, names.consumer);
  const { state } = await streams.info(names.stream);
  if (delivered.stream_seq > state.last_seq) return 'next';
  const first = state.messages > 0 && state.first_seq <= ack_floor.stream_seq ? state.first_seq : undefined;
  // Read, since the broker counts acknowledged messages for a while.
  return first !== undefined && (await streams.getMessage(names.stream, { seq: first })) ? first : 'none';
}

async function remove(connection: NatsConnection): Promise<boolean> {
  const { consumers } = await jetstreamManager(connection, { checkAPI: false });
  return consumers.delete(names.stream, names.consumer);
}
