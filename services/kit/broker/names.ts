import type { JsMsg } from '@nats-io/jetstream';

/** Names of the work stream, its subject and consumer, the dead-letter stream, and the stream of redrive receipts. */
export const names = {
  stream: 'WORK',
  subject: 'work.events',
  consumer: 'consumer',
  deadLetters: 'DLQ',
  receipts: 'REDRIVEN',
} as const;

/**
 * Returns the subject of the only dead letter of a message. After a crash the broker may reuse a sequence. The message's
 * time distinguishes the two, and is the same in all deliveries.
 */
export const deadLetterSubject = ({ seq, time }: Pick<JsMsg, 'seq' | 'time'>): string =>
  `dlq.${names.stream}.${seq}.${time.getTime()}`;

/** Returns sequence and time of a dead letter's message, by its subject; undefined for another subject. */
export function deadLetterMessage(subject: string): { seq: number; ms: number } | undefined {
  const [, seq, ms] = /^dlq\.\w+\.([1-9]\d{0,15})\.(\d{1,15})$/.exec(subject) ?? [];
  return seq === undefined ? undefined : { seq: Number(seq), ms: Number(ms) };
}

/** Returns the subject of the only receipt of a dead letter, given by `deadLetterName`. */
export const receiptSubject = (letter: string): string => `redriven.${names.stream}.${letter}`;

export const maxPendingDefault = 5000;

/** Limit of an event with headers. Its dead letter has more headers and must fit into the broker's 1 MiB. */
export const eventBytesMax = 512 * 1024;
