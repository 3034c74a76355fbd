import { headers } from '#kit/wire.ts';
import type { Delivered, Headers, Stored } from './client.ts';
import { names } from './names.ts';

/** Headers of a dead letter. A redriven message carries some of them, too. */
export const deadLetterHeaders = {
  id: 'Spillway-Id',
  reason: 'Spillway-Reason',
  attempts: 'Spillway-Attempts',
  /** Number of the last attempt. It exceeds the count of attempts if deliveries were interrupted. */
  lastAttempt: 'Spillway-Last-Attempt',
  firstError: 'Spillway-First-Error',
  lastError: 'Spillway-Last-Error',
  /** Subject to which the event was published. */
  subject: 'Spillway-Subject',
  publishedAt: 'Spillway-Published-At',
  redrives: 'Spillway-Redrives',
} as const;

export const deadLetterFields = (
  fields: Partial<Record<keyof typeof deadLetterHeaders, string | number | undefined>>,
): Map<string, string[]> =>
  new Map(
    Object.entries(fields).flatMap(([name, value]) =>
      value === undefined ? [] : [[deadLetterHeaders[name as keyof typeof fields], [String(value)]] as const],
    ),
  );

/** Limit of the text of an error in a dead letter, in characters. */
export const errorLengthMax = 500;

type Message = Pick<Delivered, 'seq' | 'time' | 'headers'> | Pick<Stored, 'seq' | 'time' | 'header'>;

/** History of a message, read from its headers. */
export interface Origin {
  readonly id: string;
  /** Time of the first publishing (ISO). */
  readonly publishedAt: string;
  /** Attempts before the last redrive, as counted by the consumer; 0 without a redrive. */
  readonly attempts: number;
  /** Number of the last attempt before the last redrive; 0 without a redrive. */
  readonly lastAttempt: number;
  readonly redrives: number;
  readonly firstError?: string | undefined;
}

/** Returns the history of a message. A message without an id gets an id with #, which published events can't have. */
export function originOf(message: Message, kind: 'event' | 'letter' = 'event'): Origin {
  const text = textIn(message);
  return {
    id: text(deadLetterHeaders.id) ?? text('Nats-Msg-Id') ?? `${kind}#${message.seq}`,
    get publishedAt() {
      return text(deadLetterHeaders.publishedAt) ?? message.time.toISOString();
    },
    attempts: count(text(deadLetterHeaders.attempts)),
    lastAttempt: count(text(deadLetterHeaders.lastAttempt)),
    redrives: count(text(deadLetterHeaders.redrives)),
    firstError: text(deadLetterHeaders.firstError),
  };
}

/** A dead letter. `attempts` counts all attempts that its consumers knew of, before and after redrives. */
export interface DeadLetter extends Pick<Origin, 'id' | 'attempts' | 'redrives' | 'publishedAt'> {
  readonly sequence: number;
  /**
   * A stable word: `failed`, `timeout`, `rejected`, `expired` or `max-deliveries`. Reason and errors are empty if a
   * consumer other than Spillway's left them out.
   */
  readonly reason: string;
  readonly firstError: string;
  readonly lastError: string;
  readonly subject: string;
  readonly diedAt: string;
}

export function readDeadLetter(message: Message): DeadLetter {
  const text = textIn(message);
  const { id, publishedAt, attempts, redrives, firstError = '' } = originOf(message, 'letter');
  return {
    sequence: message.seq,
    id,
    reason: text(deadLetterHeaders.reason) ?? '',
    attempts,
    redrives,
    firstError,
    lastError: text(deadLetterHeaders.lastError) ?? '',
    subject: text(deadLetterHeaders.subject) ?? names.subject,
    publishedAt,
    diedAt: message.time.toISOString(),
  };
}

/** Returns a unique name, valid in a subject. The sequence alone isn't unique: a recreated stream starts at 1 again. */
export const deadLetterName = ({ sequence, diedAt }: DeadLetter): string =>
  `${sequence}.${Date.parse(diedAt)}`;

/** Makes the headers of a redriven message. The deadline is left out, since the caller already has an answer. */
export function redrivenHeaders(message: Message): Headers {
  const letter = readDeadLetter(message);
  const { id, attempts, firstError, publishedAt } = letter;
  const all = deadLetterFields({
    ...{ id, attempts, firstError, publishedAt },
    lastAttempt: originOf(message).lastAttempt,
    redrives: letter.redrives + 1,
  });
  copyContext(message, all);
  return all;
}

/** Copies the headers with class and trace context. */
export function copyContext(message: Message, to: Map<string, string[]>): void {
  const text = textIn(message);
  for (const name of [headers.class, headers.traceparent]) {
    const value = text(name);
    if (value !== undefined) to.set(name, [value]);
  }
}

/** Returns a function that returns the text of a header; undefined if it is missing or empty. */
export function textIn(message: Message): (name: string) => string | undefined {
  // The methods of the client would compare all names again for each header.
  const values: ReadonlyMap<string, readonly string[]> = new Map(
    ('header' in message ? message.header : message.headers) ?? [],
  );
  return (name) => values.get(name)?.[0] || undefined;
}

const count = (text: string | undefined): number =>
  text !== undefined && /^\d+$/.test(text) ? Number(text) : 0;

export const ageMs = ({ diedAt }: DeadLetter, now: Date): number =>
  Math.max(0, now.getTime() - Date.parse(diedAt));
