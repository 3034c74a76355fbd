import type { Broker } from '#kit/broker/client.ts';
import { names } from '#kit/broker/names.ts';
import { type Clock, sleep } from '#kit/clock.ts';

/** Number of checks that must agree. A message with an acknowledgement under way is gone at the next check. */
const looks = 3;
/** Maximum number of checks. It is high enough for a broker that has just started and can't answer yet. */
const triesMax = 50;
const everyMs = 100;

/**
 * Deletes the stream's consumer if the broker skips messages. Call it after each start of the broker or of this
 * process. Resolves with true if it deleted the consumer. Gives up once the connection is closed.
 *
 * The cause is a broker killed when all messages of a work queue are acknowledged. It may forget the last sequence of
 * the stream, but not the last sequence of the consumer. It then counts the next messages as delivered, and never
 * delivers them. Needed for nats-server before 2.11.4 (#6881), and before 2.14 if it is killed during a purge (#7676).
 */
export async function dropSkipping(broker: Broker, clock: Clock): Promise<boolean> {
  let skipped: Skipped;
  let seen = 0;
  for (let tries = 0; tries < triesMax && !broker.isClosed(); tries++) {
    const found = await findSkipped(broker).catch(() => undefined);
    if (found === 'none') return false;
    if (found !== undefined) {
      seen = found === skipped ? seen + 1 : 1;
      skipped = found;
    }
    if (seen >= looks && (await remove(broker).catch(() => false))) return true;
    await sleep(everyMs, clock);
  }
  return false;
}

/**
 * Sequence of the first stored message that counts as acknowledged; `next` if the next published message would be
 * skipped. `none` if the broker skips nothing; undefined if it did not answer.
 */
type Skipped = number | 'next' | 'none' | undefined;

async function findSkipped(broker: Broker): Promise<Skipped> {
  const { consumers, streams } = await broker.manager();
  // The consumer is read first, since the stream grows in between.
  const { delivered, ack_floor } = await consumers.info(names.stream, names.consumer);
  const { state } = await streams.info(names.stream);
  if (delivered.stream_seq > state.last_seq) return 'next';
  const first = state.messages > 0 && state.first_seq <= ack_floor.stream_seq ? state.first_seq : undefined;
  // Reads the message itself, since the broker still counts acknowledged messages for a while.
  return first !== undefined && (await streams.getMessage(names.stream, { seq: first })) ? first : 'none';
}

async function remove(broker: Broker): Promise<boolean> {
  const { consumers } = await broker.manager();
  return consumers.delete(names.stream, names.consumer);
}
