import type { JsMsg, StoredMsg } from '@nats-io/jetstream';
import { type MsgHdrs, headers as natsHeaders } from '@nats-io/transport-node';
import { headers } from '#kit/wire.ts';
import { names } from './broker.ts';

/** Headers of a dead letter; a message that a redrive has made of one carries some of them, too. */
export const letterHeaders = {
  id: 'Spillway-Id',
  reason: 'Spillway-Reason',
  attempts: 'Spillway-Attempts',
  /** Number of the last attempt; where deliveries were interrupted, higher than their count. */
  lastAttempt: 'Spillway-Last-Attempt',
  firstError: 'Spillway-First-Error',
  lastError: 'Spillway-Last-Error',
  /** Once for each entry. */
  history: 'Spillway-History',
  /** Where the event was published. */
  subject: 'Spillway-Subject',
  publishedAt: 'Spillway-Published-At',
  redrives: 'Spillway-Redrives',
  /** Of a redriven message alone: which letter it was, by `letterName`. */
  letter: 'Spillway-Letter',
} as const;

/** Errors that a letter tells of, at most. */
export const historyMax = 10;

/** Of each of them, at most. */
export const errorLengthMax = 500;

/** A message as it is delivered, or as it is stored. */
type Message = Pick<JsMsg, 'seq' | 'time' | 'headers'> | Pick<StoredMsg, 'seq' | 'time' | 'header'>;

/** What a message of the work stream says of its past. */
export interface Origin {
  readonly id: string;
  /** When it was published first, as an ISO time. */
  readonly publishedAt: string;
  /** Made before its last redrive, as far as its consumer knew; 0 where there was none, as for `redrives`. */
  readonly attempts: number;
  /** Number of the last attempt before its last redrive. */
  readonly lastAttempt: number;
  readonly redrives: number;
  readonly firstError?: string | undefined;
  /** The last errors, the oldest first: each with its time and attempt, as a line. */
  readonly history: readonly string[];
  /** The letter that it was made of, by `letterName`. */
  readonly letter?: string | undefined;
}

/** Without an id the message gets one of its own: no event that a publisher takes has # in its id. */
export function originOf(message: Message, kind: 'event' | 'letter' = 'event'): Origin {
  const text = textIn(message);
  return {
    id: text(letterHeaders.id) ?? text('Nats-Msg-Id') ?? `${kind}#${message.seq}`,
    publishedAt: text(letterHeaders.publishedAt) ?? message.time.toISOString(),
    attempts: count(text(letterHeaders.attempts)),
    lastAttempt: count(text(letterHeaders.lastAttempt)),
    redrives: count(text(letterHeaders.redrives)),
    firstError: text(letterHeaders.firstError),
    history: headersOf(message)?.values(letterHeaders.history).slice(-historyMax) ?? [],
    letter: text(letterHeaders.letter)?.match(/^\d+\.\d+$/)?.[0],
  };
}

/** An event that was given up. */
export interface DeadLetter {
  /** In the dead-letter stream. */
  readonly sequence: number;
  readonly id: string;
  /**
   * Why, a stable word: `failed`, `timeout`, `rejected`, `expired`, `max-deliveries`; empty where a consumer that is not
   * Spillway's does not say, as the errors are.
   */
  readonly reason: string;
  /** Attempts over all redrives, as far as its consumers knew. */
  readonly attempts: number;
  readonly redrives: number;
  readonly firstError: string;
  readonly lastError: string;
  /** See `Origin`; empty also in letters from before there was one. */
  readonly history: readonly string[];
  readonly subject: string;
  /** ISO times. */
  readonly publishedAt: string;
  readonly diedAt: string;
}

export function readDeadLetter(message: Message): DeadLetter {
  const text = textIn(message);
  // By its sequence in another stream than that of events.
  const { id, publishedAt, attempts, redrives, firstError = '', history } = originOf(message, 'letter');
  return {
    sequence: message.seq,
    id,
    reason: text(letterHeaders.reason) ?? '',
    attempts,
    redrives,
    firstError,
    lastError: text(letterHeaders.lastError) ?? '',
    history,
    subject: text(letterHeaders.subject) ?? names.subject,
    publishedAt,
    diedAt: message.time.toISOString(),
  };
}

/** Names a letter for good: the time tells it from one of a stream that was deleted. Fit for a subject. */
export const letterName = ({ sequence, diedAt }: DeadLetter): string => `${sequence}.${Date.parse(diedAt)}`;

/** The headers of the message that a redrive makes of a letter; without the deadline of a caller who has been told. */
export function redrivenHeaders(message: Message): MsgHdrs {
  const letter = readDeadLetter(message);
  const all = natsHeaders();
  all.set(letterHeaders.id, letter.id);
  all.set(letterHeaders.letter, letterName(letter));
  all.set(letterHeaders.attempts, String(letter.attempts));
  all.set(letterHeaders.lastAttempt, String(originOf(message).lastAttempt));
  all.set(letterHeaders.redrives, String(letter.redrives + 1));
  all.set(letterHeaders.firstError, letter.firstError);
  for (const entry of letter.history) all.append(letterHeaders.history, entry);
  all.set(letterHeaders.publishedAt, letter.publishedAt);
  carryOn(message, all);
  return all;
}

/** Copies what goes with an event through all its lives: its class and its trace. */
export function carryOn(message: Message, to: MsgHdrs): void {
  const text = textIn(message);
  for (const name of [headers.class, headers.traceparent]) {
    const value = text(name);
    if (value !== undefined) to.set(name, value);
  }
}

/** What a header says; undefined where it says nothing. */
function textIn(message: Message): (name: string) => string | undefined {
  const given = headersOf(message);
  return (name) => given?.get(name) || undefined;
}

const headersOf = (message: Message): MsgHdrs | undefined =>
  'header' in message ? message.header : message.headers;

const count = (text: string | undefined): number =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : 0;

/** How long an event has been dead. */
export const ageMs = ({ diedAt }: DeadLetter, now: Date): number =>
  Math.max(0, now.getTime() - Date.parse(diedAt));
