import type { Broker, Manager, Stored } from './client.ts';
import { readDeadLetter } from './dead-letter.ts';
import { names } from './names.ts';

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

/** Deletes a dead letter. Resolves with true if it existed. */
export async function deleteDeadLetter({ streams }: Manager, { seq }: Stored): Promise<boolean> {
  try {
    return await streams.deleteMessage(names.deadLetters, seq, false);
  } catch (error) {
    if (await streams.getMessage(names.deadLetters, { seq })) throw error;
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
