import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { names } from '#kit/broker.ts';
import { type Clock, sleep } from '#kit/clock.ts';

/** Messages that have just been acknowledged are still counted for a moment. */
const looks = 3;
/** A broker that has just started can't say yet. */
const triesMax = 50;
const everyMs = 100;

/**
 * Deletes the stream's consumer where the broker skips messages, to be called when it has been started anew. Killed when
 * everything in a work queue is acknowledged, it may forget how far the stream had come, and not how far the consumer had:
 * what is published next counts as delivered, and never is (nats-server #6881, mended in 2.11). Resolves with whether it
 * was so; gives up once the connection is closed.
 */
export async function dropSkipping(connection: NatsConnection, clock: Clock): Promise<boolean> {
  let seen = 0;
  for (let tries = 0; tries < triesMax && !connection.isClosed(); tries++) {
    const skips = await isSkipping(connection).catch(() => undefined);
    if (skips === false) return false;
    if (skips) seen += 1;
    if (seen >= looks && (await remove(connection).catch(() => false))) return true;
    await sleep(everyMs, clock);
  }
  return false;
}

/** Whether messages are neither to be delivered nor delivered, or the next ones will be. */
async function isSkipping(connection: NatsConnection): Promise<boolean> {
  const { consumers, streams } = await jetstreamManager(connection, { checkAPI: false });
  const { delivered, num_pending, num_ack_pending } = await consumers.info(names.stream, names.consumer);
  const { state } = await streams.info(names.stream);
  return delivered.stream_seq > state.last_seq || state.messages > num_pending + num_ack_pending;
}

async function remove(connection: NatsConnection): Promise<boolean> {
  const { consumers } = await jetstreamManager(connection, { checkAPI: false });
  return consumers.delete(names.stream, names.consumer);
}
