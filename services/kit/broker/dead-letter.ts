import type { JsMsg, StoredMsg } from '@nats-io/jetstream';
import { type MsgHdrs, headers as natsHeaders } from '@nats-io/transport-node';
import { headers } from '#kit/wire.ts';
import { names } from './names.ts';

/** Headers of a dead letter. A message that a redrive makes of one carries some of them, too. */
export const deadLetterHeaders = {
  id: 'Spillway-Id',
  reason: 'Spillway-Reason',
  attempts: 'Spillway-Attempts',
  /** Number of the last attempt; higher than their count if deliveries were interrupted. */
  lastAttempt: 'Spillway-Last-Attempt',
  firstError: 'Spillway-First-Error',
  lastError: 'Spillway-Last-Error',
  history: 'Spillway-History',
  /** Subject to which the event was published. */
  subject: 'Spillway-Subject',
  publishedAt: 'Spillway-Published-At',
  redrives: 'Spillway-Redrives',
  /** Dead letter that a redriven message was made of, by `deadLetterName`; absent in other messages. */
  letter: 'Spillway-Letter',
} as const;

/** Makes headers of these fields; a list becomes a header for each entry. */
export function deadLetterFields(
  fields: Partial<Record<keyof typeof deadLetterHeaders, string | number | readonly string[]>>,
): MsgHdrs {
  const all = natsHeaders();
  for (const [name, value] of Object.entries(fields)) {
    const header = deadLetterHeaders[name as keyof typeof fields];
    for (const each of [value].flat()) all.append(header, String(each));
  }
  return all;
}

/** Limit of errors in a dead letter. */
export const historyMax = 10;

/** Limit of the text of each. */
export const errorLengthMax = 500;

type Message = Pick<JsMsg, 'seq' | 'time' | 'headers'> | Pick<StoredMsg, 'seq' | 'time' | 'header'>;

/** Past of a message of the work stream. */
export interface Origin {
  readonly id: string;
  /** Time of the first publishing (ISO). */
  readonly publishedAt: string;
  /** Attempts before its last redrive, as far as its consumer knew; 0 without one. */
  readonly attempts: number;
  /** Number of the last attempt before its last redrive. */
  readonly lastAttempt: number;
  readonly redrives: number;
  readonly firstError?: string | undefined;
  /** Lines with the last errors, oldest first, each with time and attempt. */
  readonly history: readonly string[];
  /** The dead letter it was made of, by `deadLetterName`. */
  readonly letter?: string | undefined;
}

/** Returns the past of a message. One without an id gets one with #, which no published event has. */
export function originOf(message: Message, kind: 'event' | 'letter' = 'event'): Origin {
  const text = textIn(message);
  return {
    id: text(deadLetterHeaders.id) ?? text('Nats-Msg-Id') ?? `${kind}#${message.seq}`,
    publishedAt: text(deadLetterHeaders.publishedAt) ?? message.time.toISOString(),
    attempts: count(text(deadLetterHeaders.attempts)),
    lastAttempt: count(text(deadLetterHeaders.lastAttempt)),
    redrives: count(text(deadLetterHeaders.redrives)),
    firstError: text(deadLetterHeaders.firstError),
    history: headersOf(message)?.values(deadLetterHeaders.history).slice(-historyMax) ?? [],
    letter: text(deadLetterHeaders.letter)?.match(/^\d+\.\d+$/)?.[0],
  };
}

/** A dead letter. Its attempts are those over all redrives, as far as its consumers knew. */
export interface DeadLetter extends Pick<Origin, 'id' | 'attempts' | 'redrives' | 'history' | 'publishedAt'> {
  readonly sequence: number;
  /**
   * A stable word: `failed`, `timeout`, `rejected`, `expired` or `max-deliveries`. Empty, like the errors, if another
   * consumer than Spillway's does not say it.
   */
  readonly reason: string;
  readonly firstError: string;
  readonly lastError: string;
  readonly subject: string;
  readonly diedAt: string;
}

export function readDeadLetter(message: Message): DeadLetter {
  const text = textIn(message);
  const { id, publishedAt, attempts, redrives, firstError = '', history } = originOf(message, 'letter');
  return {
    sequence: message.seq,
    id,
    reason: text(deadLetterHeaders.reason) ?? '',
    attempts,
    redrives,
    firstError,
    lastError: text(deadLetterHeaders.lastError) ?? '',
    history,
    subject: text(deadLetterHeaders.subject) ?? names.subject,
    publishedAt,
    diedAt: message.time.toISOString(),
  };
}

/** Returns a unique name, fit for a subject: the time tells the dead letter from one of a deleted stream. */
export const deadLetterName = ({ sequence, diedAt }: DeadLetter): string =>
  `${sequence}.${Date.parse(diedAt)}`;

/** Makes the headers of a redriven message. They have no deadline, since the caller has an answer. */
export function redrivenHeaders(message: Message): MsgHdrs {
  const letter = readDeadLetter(message);
  const { id, attempts, firstError, history, publishedAt } = letter;
  const all = deadLetterFields({
    ...{ id, attempts, firstError, history, publishedAt },
    letter: deadLetterName(letter),
    lastAttempt: originOf(message).lastAttempt,
    redrives: letter.redrives + 1,
  });
  copyContext(message, all);
  return all;
}

/** Copies the class and the trace of an event. */
export function copyContext(message: Message, to: MsgHdrs): void {
  const text = textIn(message);
  for (const name of [headers.class, headers.traceparent]) {
    const value = text(name);
    if (value !== undefined) to.set(name, value);
  }
}

/** Returns a function that reads a header; undefined if it is missing or empty. */
function textIn(message: Message): (name: string) => string | undefined {
  const given = headersOf(message);
  return (name) => given?.get(name) || undefined;
}

const headersOf = (message: Message): MsgHdrs | undefined =>
  'header' in message ? message.header : message.headers;

const count = (text: string | undefined): number =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : 0;

export const ageMs = ({ diedAt }: DeadLetter, now: Date): number =>
  Math.max(0, now.getTime() - Date.parse(diedAt));
