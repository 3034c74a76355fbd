import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { names } from '#kit/broker/broker.ts';
import { type Clock, sleep } from '#kit/clock.ts';

/** What is being acknowledged at the time is no longer there at the next look. */
const looks = 3;
/** A broker that has just started can't say yet. */
const triesMax = 50;
const everyMs = 100;

/**
 * Deletes the stream's consumer where the broker skips messages, to be called when either of the two has been started
 * anew. Killed when everything in a work queue is acknowledged, a broker may forget how far the stream had come, and not
 * how far the consumer had: what is published next counts as delivered, and never is (nats-server #6881, mended in 2.11).
 * Resolves with whether it was so; gives up once the connection is closed.
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

/** The first message that is there and counts as acknowledged, or whatever comes next; undefined where nobody can say. */
type Skipped = number | 'next' | 'none' | undefined;

async function findSkipped(connection: NatsConnection): Promise<Skipped> {
  const { consumers, streams } = await jetstreamManager(connection, { checkAPI: false });
  // In this order, since the stream only grows meanwhile.
  const { delivered, ack_floor } = await consumers.info(names.stream, names.consumer);
  const { state } = await streams.info(names.stream);
  if (delivered.stream_seq > state.last_seq) return 'next';
  const first = state.messages > 0 && state.first_seq <= ack_floor.stream_seq ? state.first_seq : undefined;
  // Read, since the broker still counts messages for a while that were acknowledged.
  return first !== undefined && (await streams.getMessage(names.stream, { seq: first })) ? first : 'none';
}

async function remove(connection: NatsConnection): Promise<boolean> {
  const { consumers } = await jetstreamManager(connection, { checkAPI: false });
  return consumers.delete(names.stream, names.consumer);
}
