import { type JetStreamManager, jetstreamManager, type StoredMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/transport-node';
import { deadLetterMessage, isStreamMissing, names } from '#kit/broker/broker.ts';
import { type DeadLetter, readDeadLetter } from '#kit/broker/dead-letter.ts';
import { TestbedError } from '#lab/errors/testbed-error.ts';
import { eachMessage } from '#lab/testbed/broker/each-message.ts';

/** All dead letters of a broker, the oldest first. Rejects with TestbedError where there is no stream of them. */
export async function readDeadLetters(connection: NatsConnection): Promise<DeadLetter[]> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const letters: DeadLetter[] = [];
  await eachMessage(
    manager,
    names.deadLetters,
    (message) => void letters.push(readDeadLetter(message)),
  ).catch((error) => {
    if (!isStreamMissing(error)) throw error;
    const message = `the broker has no stream ${names.deadLetters}: expected that of a testbed`;
    throw new TestbedError('no-dead-letters', message, { cause: error });
  });
  return letters.sort((a, b) => a.sequence - b.sequence);
}

/** The message of a letter, while it is there: of a stream that was deleted, the sequences begin anew. */
export async function messageOf(
  { streams }: JetStreamManager,
  { sequence, diedAt }: DeadLetter,
): Promise<StoredMsg | undefined> {
  const message = await streams.getMessage(names.deadLetters, { seq: sequence });
  return message && readDeadLetter(message).diedAt === diedAt ? message : undefined;
}

/**
 * Deletes the message of a letter; resolves with whether it was there. Before that it takes the event's own message out
 * of the work stream, which is there still where a consumer could not acknowledge it: that it has a letter is all that
 * keeps it from being done after all. Rejects where one of them still is there.
 */
export async function deleteDeadLetter(manager: JetStreamManager, letter: StoredMsg): Promise<boolean> {
  const buried = await buriedBy(manager, letter);
  if (buried) await remove(manager, names.stream, buried);
  return remove(manager, names.deadLetters, letter);
}

/**
 * Of a broker that began anew, a message of that sequence may be another, with another time. A ms is none: the subject
 * was made of a delivery, whose time the client rounds, and cuts off that of what is stored.
 */
async function buriedBy({ streams }: JetStreamManager, { subject }: StoredMsg) {
  const buried = deadLetterMessage(subject);
  if (!buried) return undefined;
  const message = await streams.getMessage(names.stream, { seq: buried.seq }).catch((error) => {
    if (!isStreamMissing(error)) throw error;
  });
  return message && Math.abs(message.time.getTime() - buried.ms) <= 1 ? message : undefined;
}

async function remove({ streams }: JetStreamManager, stream: string, { seq }: StoredMsg): Promise<boolean> {
  try {
    return await streams.deleteMessage(stream, seq, false);
  } catch (error) {
    if (await streams.getMessage(stream, { seq })) throw error;
    return false;
  }
}
