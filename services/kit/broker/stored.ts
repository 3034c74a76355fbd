import { isStreamMissing } from './broker.ts';
import type { Broker, Manager, Stored } from './client.ts';
import { readDeadLetter } from './dead-letter.ts';
import { deadLetterMessage, names } from './names.ts';

/** Maximum number of messages of a stream that are requested at the same time. */
const readers = 32;

/**
 * Calls `take` with each message of a stream, in any order, without affecting the stream's consumer. A work queue
 * allows only one consumer, and nats-server before 2.11 can't read batches without a consumer. So several readers
 * request single messages.
 */
export async function eachMessage(
  { streams }: Pick<Manager, 'streams'>,
  stream: string,
  take: (message: Stored) => void,
): Promise<void> {
  const { state } = await streams.info(stream);
  if (state.messages === 0) return;
  const share = Math.ceil((state.last_seq - state.first_seq + 1) / readers);
  const read = async (first: number, last: number) => {
    for (let seq = first; seq <= last; ) {
      // Requests the next message that still exists. This skips deleted messages.
      const message = await streams.getMessage(stream, { seq, next_by_subj: '>' });
      if (!message || message.seq > last) return;
      take(message);
      seq = message.seq + 1;
    }
  };
  const starts = Array.from({ length: readers }, (_, reader) => state.first_seq + reader * share);
  await Promise.all(starts.map((first) => read(first, Math.min(first + share - 1, state.last_seq))));
}

/**
 * Deletes the message of a dead letter. Resolves with true if it existed. First deletes the message of its event, which
 * is still in the work stream if the consumer could not acknowledge it. Otherwise, without its dead letter, the event
 * would be processed again.
 */
export async function deleteDeadLetter(manager: Manager, letter: Stored): Promise<boolean> {
  const event = await eventOf(manager, letter);
  if (event) await remove(manager, names.stream, event);
  return remove(manager, names.deadLetters, letter);
}

/**
 * Returns the message whose sequence and time the subject of a dead letter names, if it still exists. After a loss of
 * data, another message may have that sequence. Tolerates 1 ms, since the client rounds the time in the subject.
 */
async function eventOf({ streams }: Manager, { subject }: Stored) {
  const origin = deadLetterMessage(subject);
  if (!origin) return undefined;
  const message = await streams.getMessage(names.stream, { seq: origin.seq }).catch((error) => {
    if (!isStreamMissing(error)) throw error;
  });
  return message && Math.abs(message.time.getTime() - origin.ms) <= 1 ? message : undefined;
}

async function remove({ streams }: Manager, stream: string, { seq }: Stored): Promise<boolean> {
  try {
    return await streams.deleteMessage(stream, seq, false);
  } catch (error) {
    if (await streams.getMessage(stream, { seq })) throw error;
    return false;
  }
}

/** Deletes the dead letters of the chosen events. Resolves when none is left. Rejects if the broker doesn't answer. */
export async function purgeDeadLetters(broker: Broker, isChosen: (id: string) => boolean): Promise<void> {
  const manager = await broker.manager();
  const chosen: Stored[] = [];
  await eachMessage(manager, names.deadLetters, (message) => {
    if (isChosen(readDeadLetter(message).id)) chosen.push(message);
  });
  for (const letter of chosen) await deleteDeadLetter(manager, letter);
}
