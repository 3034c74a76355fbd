import type { JsMsg } from '@nats-io/jetstream';

/** Names of the work stream, its subject and consumer, and the dead-letter stream. */
export const names = {
  stream: 'WORK',
  subject: 'work.events',
  consumer: 'consumer',
  deadLetters: 'DLQ',
} as const;

/**
 * Returns the subject for a message's dead letter. A message has at most one dead letter. After a crash a
 * nats-server before 2.14 may reuse a sequence, as services/consumer/skipped.ts says. So the subject also has the
 * message's time, which is the same in all deliveries.
 */
export const deadLetterSubject = ({ seq, time }: Pick<JsMsg, 'seq' | 'time'>): string =>
  `dlq.${names.stream}.${seq}.${time.getTime()}`;

export const maxPendingDefault = 5000;

/** Limit of an event with its headers. With those of a dead letter it stays within the broker's limit of 1 MiB. */
export const eventBytesMax = 512 * 1024;
