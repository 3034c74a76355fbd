import { isStreamMissing } from '#kit/broker/broker.ts';
import type { Broker, Manager, Stored } from '#kit/broker/client.ts';
import { type DeadLetter, readDeadLetter } from '#kit/broker/dead-letter.ts';
import { names } from '#kit/broker/names.ts';
import { deleteDeadLetter, eachMessage } from '#kit/broker/stored.ts';
import { InputError } from '#lab/kit/errors/input-error.ts';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';

/** Filter of dead letters. A dead letter must meet all conditions. */
export interface DeadLetterFilter {
  readonly reasons?: readonly string[] | undefined;
  readonly ids?: readonly string[] | undefined;
  /** Maximum number of matching dead letters. The oldest ones are chosen. */
  readonly limit?: number | undefined;
}

/**
 * Returns the dead letters that match a filter. `letters` must be sorted, oldest first. Throws InputError for ids
 * without a dead letter.
 */
export function chosen(letters: readonly DeadLetter[], filter: DeadLetterFilter): DeadLetter[] {
  const { reasons, ids, limit } = filter;
  const known = new Set(letters.map(({ id }) => id));
  const unknown = ids?.filter((id) => !known.has(id)) ?? [];
  if (unknown.length > 0)
    throw new InputError(`no dead letters of ${unknown.join(', ')}: list those that exist with dlq ls`);
  return letters
    .filter(({ id }) => ids?.includes(id) ?? true)
    .filter(({ reason }) => reasons?.includes(reason) ?? true)
    .slice(0, limit);
}

/**
 * Reads all dead letters of a broker, oldest first. Rejects with TestbedError if the broker has no dead-letter stream.
 */
export async function readDeadLetters(broker: Broker): Promise<DeadLetter[]> {
  const manager = await broker.manager();
  const letters: DeadLetter[] = [];
  const add = (message: Stored) => void letters.push(readDeadLetter(message));
  await eachMessage(manager, names.deadLetters, add).catch((error) => {
    if (!isStreamMissing(error)) throw error;
    const message = `the broker has no stream ${names.deadLetters}: expected the broker of a testbed`;
    throw new TestbedError('no-dead-letters', message, { cause: error });
  });
  return letters.sort((a, b) => a.sequence - b.sequence);
}

/**
 * Returns the message with the sequence and the time of a dead letter, if it still exists. In a recreated stream another
 * message may have that sequence.
 */
export async function messageOf(
  { streams }: Manager,
  { sequence, diedAt }: DeadLetter,
): Promise<Stored | undefined> {
  const message = await streams.getMessage(names.deadLetters, { seq: sequence });
  return message && readDeadLetter(message).diedAt === diedAt ? message : undefined;
}

/**
 * Deletes dead letters until the signal aborts or a deletion fails. Resolves with the numbers of purged and remaining
 * dead letters.
 */
export async function purge(
  broker: Broker,
  letters: readonly DeadLetter[],
  signal: AbortSignal,
): Promise<{ purged: number; left: number; failure: string | undefined }> {
  const manager = await broker.manager();
  let purged = 0;
  for (const [index, letter] of letters.entries()) {
    const left = letters.length - index;
    if (signal.aborted) return { purged, left, failure: undefined };
    try {
      const message = await messageOf(manager, letter);
      if (message && (await deleteDeadLetter(manager, message))) purged += 1;
    } catch (error) {
      return { purged, left, failure: `${letter.id}: ${(error as Error).message}` };
    }
  }
  return { purged, left: 0, failure: undefined };
}
