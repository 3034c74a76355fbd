import { type JsMsg, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { type NatsConnection, headers as natsHeaders } from '@nats-io/transport-node';
import { brokerError, deadLetterSubject, isAlreadyThere, names } from '#kit/broker/broker.ts';
import {
  carryOn,
  type DeadLetter,
  errorLengthMax,
  letterHeaders,
  originOf,
  readDeadLetter,
} from '#kit/broker/dead-letter.ts';

/** Why an event is given up, and what was tried. */
export interface Obituary {
  /** A stable word, see `DeadLetter`. */
  readonly reason: string;
  /** Attempts made, as far as this consumer knows, with those before a redrive. */
  readonly attempts: number;
  /** The number of its last attempt, after which those of a redrive go on. */
  readonly lastAttempt: number;
  readonly id: string;
  /** Errors of attempts that this consumer made, or before a redrive; of refusals where no attempt failed. */
  readonly firstError: string;
  readonly lastError: string;
  /** See `Origin`. */
  readonly history: readonly string[];
}

/**
 * Stores a copy of the message in the dead-letter stream, exactly once however often it is tried: the subject
 * carries the message's sequence and time, and must be new. Rejects when the letter is not stored, with
 * StorageError where the broker has no room for it.
 */
export async function publishDeadLetter(
  connection: NatsConnection,
  message: JsMsg,
  obituary: Obituary,
): Promise<void> {
  const { publishedAt, redrives } = originOf(message);
  const headers = natsHeaders();
  headers.set(letterHeaders.id, obituary.id);
  headers.set(letterHeaders.reason, obituary.reason);
  headers.set(letterHeaders.attempts, String(obituary.attempts));
  headers.set(letterHeaders.lastAttempt, String(obituary.lastAttempt));
  headers.set(letterHeaders.firstError, line(obituary.firstError));
  headers.set(letterHeaders.lastError, line(obituary.lastError));
  for (const entry of obituary.history) headers.append(letterHeaders.history, line(entry));
  headers.set(letterHeaders.subject, message.subject);
  headers.set(letterHeaders.publishedAt, publishedAt);
  headers.set(letterHeaders.redrives, String(redrives));
  carryOn(message, headers);
  try {
    await jetstream(connection).publish(deadLetterSubject(message), message.data, {
      headers,
      expect: { lastSubjectSequence: 0 },
      timeout: 2000,
    });
  } catch (error) {
    if (!isAlreadyThere(error)) throw brokerError(error);
  }
}

/**
 * What the letter of a message says, where it has been buried before; 'withdrawn' where its sequence is not in the stream
 * any more: whoever redrives or purges a letter takes that out first. Times say nothing here: the client rounds that of a
 * delivery otherwise than that of what is stored.
 */
export async function deadLetterOf(
  connection: NatsConnection,
  message: JsMsg,
): Promise<DeadLetter | 'withdrawn' | undefined> {
  const { streams } = await jetstreamManager(connection, { checkAPI: false, timeout: 2000 });
  // At once, and in this order: a message is taken out before its letter, so with no letter left it is gone, too.
  const [letter, stored] = await Promise.all([
    streams.getMessage(names.deadLetters, { last_by_subj: deadLetterSubject(message) }),
    streams.getMessage(names.stream, { seq: message.seq }),
  ]);
  if (letter) return readDeadLetter(letter);
  return stored ? undefined : 'withdrawn';
}

/** Fit for a header. */
const line = (text: string): string => text.replace(/[\r\n]+/g, ' ').slice(0, errorLengthMax);
