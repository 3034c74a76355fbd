import { brokerError, isAlreadyThere } from '#kit/broker/broker.ts';
import type { Broker, Delivered } from '#kit/broker/client.ts';
import {
  copyContext,
  type DeadLetter,
  deadLetterFields,
  errorLengthMax,
  type Origin,
  originOf,
  readDeadLetter,
} from '#kit/broker/dead-letter.ts';
import { deadLetterSubject, names } from '#kit/broker/names.ts';

const timeoutMs = 2000;

/** Content of a dead letter besides the message. A redrive numbers its attempts after `lastAttempt`. */
type DeadLetterContent = Pick<DeadLetter, 'reason' | 'attempts' | 'id' | 'firstError' | 'lastError'> &
  Pick<Origin, 'lastAttempt'>;

/**
 * Stores a copy of the message in the dead-letter stream. Repeated calls store only one copy: its subject contains the
 * sequence and time of the message, and the broker refuses a subject that isn't new. Rejects if the copy is not stored;
 * with StorageError if the broker can't store it.
 */
export async function publishDeadLetter(
  broker: Broker,
  message: Delivered,
  content: DeadLetterContent,
): Promise<void> {
  const { publishedAt, redrives } = originOf(message);
  const headers = deadLetterFields({
    ...content,
    firstError: line(content.firstError),
    lastError: line(content.lastError),
    subject: message.subject,
    publishedAt,
    redrives,
  });
  copyContext(message, headers);
  const options = { expect: { lastSubjectSequence: 0 }, timeout: timeoutMs, headers };
  await broker.store(deadLetterSubject(message), message.data, options).catch((error) => {
    if (!isAlreadyThere(error)) throw brokerError(error);
  });
}

/** Resolves with the dead letter of a message; undefined if there is none. */
export async function deadLetterOf(broker: Broker, message: Delivered): Promise<DeadLetter | undefined> {
  const { streams } = await broker.manager(timeoutMs);
  const last_by_subj = deadLetterSubject(message);
  const letter = await streams.getMessage(names.deadLetters, { last_by_subj });
  return letter ? readDeadLetter(letter) : undefined;
}

/** Shortens a text to one line, as headers require. */
const line = (text: string): string => text.replace(/[\r\n]+/g, ' ').slice(0, errorLengthMax);
