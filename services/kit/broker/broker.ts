import {
  AckPolicy,
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamManager,
  type JsMsg,
  jetstreamManager,
  RetentionPolicy,
  StorageType,
} from '@nats-io/jetstream';
import { type NatsConnection, nanos } from '@nats-io/transport-node';
import { sleep, systemClock } from '#kit/clock.ts';
import { StorageError } from '#kit/process/storage.ts';

/**
 * The bounded work stream, its subject, its one consumer, where letters go that can't be delivered, and which of them were
 * redriven and taken.
 */
export const names = {
  stream: 'WORK',
  subject: 'work.events',
  consumer: 'consumer',
  deadLetters: 'DLQ',
  receipts: 'REDRIVEN',
} as const;

/**
 * The subject of the one dead letter there can be for a message of the work stream. The time, which a message keeps
 * through all deliveries, tells it from one whose sequence a broker has forgotten in a crash.
 */
export const deadLetterSubject = ({ seq, time }: Pick<JsMsg, 'seq' | 'time'>): string =>
  `dlq.${names.stream}.${seq}.${time.getTime()}`;

/** What the subject of a dead letter says of its message; undefined where it is not one of ours. */
export function deadLetterMessage(subject: string): { seq: number; ms: number } | undefined {
  const [, seq, ms] = /^dlq\.\w+\.([1-9]\d{0,15})\.(\d{1,15})$/.exec(subject) ?? [];
  return seq === undefined ? undefined : { seq: Number(seq), ms: Number(ms) };
}

/** The subject of the one receipt there can be for a dead letter, named by `deadLetterName`. */
export const receiptSubject = (letter: string): string => `redriven.${names.stream}.${letter}`;

/** How many messages the work stream holds unless told otherwise. */
export const maxPendingDefault = 5000;

/** Size of the largest event, headers included. Its dead letter has more headers and must fit into the broker's 1 MiB. */
export const eventBytesMax = 512 * 1024;

const deadLettersMax = 1_000_000;
/** Receipts are needed until a redrive that was killed is repeated: the oldest go. */
const receiptsMax = 1_000_000;

/** Error codes of JetStream's API that mean something to us. */
const codes = {
  wrongLastSequence: 10071,
  notStored: 10077,
  tooLarge: 10054,
  streamNotFound: 10059,
  nameInUse: 10058,
  consumerExists: 10148,
  noStore: 10049,
  noConsumerStore: 10012,
  noResources: 10023,
  noAccountResources: 10002,
  noStorageResources: 10047,
} as const;

/** What is refused by these has no place on the broker's disk, or none that the broker may use. */
const storageCodes: readonly number[] = [
  codes.notStored,
  codes.noStore,
  codes.noConsumerStore,
  codes.noResources,
  codes.noAccountResources,
  codes.noStorageResources,
];

/** The broker has one code for whatever it could not store, and words for why: a bound of ours, or its disk. */
export const isStreamFull = (error: unknown): boolean =>
  hasCode(error, codes.notStored) && /^maximum (messages|bytes) exceeded/.test((error as Error).message);

/** The error as a StorageError, where it says that the broker can't store; any other as it is. */
export function brokerError(error: unknown): unknown {
  if (!(error instanceof JetStreamApiError) || isStreamFull(error)) return error;
  const { code, message } = error;
  if (!storageCodes.includes(code)) return error;
  const isFull = /no space left|quota exceeded|insufficient|resource limits/.test(message);
  return new StorageError(isFull ? 'disk-full' : 'disk', `the broker can't store: ${message}`, error);
}

/** True if a message is larger than its stream takes, or the broker, which its client says. */
export const isTooLarge = (error: unknown): boolean =>
  hasCode(error, codes.tooLarge) || (error as Error).message.includes('max_payload');

/** On the subject of a dead letter or a receipt: it is there already. */
export const isAlreadyThere = (error: unknown): boolean => hasCode(error, codes.wrongLastSequence);

/** There is no stream of the name asked for. */
export const isStreamMissing = (error: unknown): boolean => hasCode(error, codes.streamNotFound);

const hasCode = (error: unknown, code: number): boolean =>
  error instanceof JetStreamApiError && error.code === code;

/**
 * Creates the work stream, the dead-letter stream and that of receipts where they are missing; with a bound, the work
 * stream gets it.
 * Rejects with StorageError where the broker has no room for them.
 */
export async function ensureStreams(connection: NatsConnection, maxPending?: number): Promise<void> {
  const manager = await managerOf(connection);
  const work = {
    name: names.stream,
    subjects: [names.subject],
    retention: RetentionPolicy.Workqueue,
    storage: StorageType.File,
    discard: DiscardPolicy.New,
    max_msgs: maxPending ?? maxPendingDefault,
    max_msg_size: eventBytesMax,
    duplicate_window: nanos(120_000),
  };
  await addOrUpdate(manager, work, maxPending !== undefined);
  await addOrUpdate(manager, {
    name: names.deadLetters,
    subjects: [`dlq.${names.stream}.>`],
    storage: StorageType.File,
    // Not in bytes, which the broker would set aside at once.
    max_msgs: deadLettersMax,
    discard: DiscardPolicy.New,
  });
  await addOrUpdate(manager, {
    name: names.receipts,
    subjects: [receiptSubject('>')],
    storage: StorageType.File,
    max_msgs: receiptsMax,
    discard: DiscardPolicy.Old,
  });
}

type StreamOptions = Parameters<JetStreamManager['streams']['add']>[0];

async function addOrUpdate(manager: JetStreamManager, config: StreamOptions, update = false): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await manager.streams.add(config);
      return;
    } catch (error) {
      // It is there with another bound: created by another process, or by us before.
      if (hasCode(error, codes.nameInUse)) break;
      if (!hasCode(error, codes.noStore) || tries === 20) throw brokerError(error);
      // A stream of that name was deleted a moment ago, and its folder is still on its way out.
      await sleep(25, systemClock);
    }
  }
  if (update) await manager.streams.update(config.name, config);
}

/** Removes the streams with all they hold, and with them what the broker remembers of message ids. */
export async function deleteStreams(connection: NatsConnection): Promise<void> {
  await ofEach(connection, async ({ streams }, name) => {
    // Purged first: soon after an earlier deletion nats-server 2.10 may fail to move the stream's folder out of the
    // way, and what is left in it would be back in the next stream of that name.
    await streams.purge(name);
    await streams.delete(name);
  });
}

/** Empties the streams. */
export async function purgeStreams(connection: NatsConnection): Promise<void> {
  await ofEach(connection, ({ streams }, name) => streams.purge(name));
}

/** How many messages the work stream and the dead-letter stream hold; 0 where there is no such stream. */
export async function countMessages(connection: NatsConnection): Promise<[work: number, dead: number]> {
  const infos = await ofEach(connection, ({ streams }, name) => streams.info(name));
  const [work = 0, dead = 0] = infos.map((info) => info?.state.messages);
  return [work, dead];
}

/** Does something with each stream; undefined of one that is not there. */
async function ofEach<T>(
  connection: NatsConnection,
  act: (manager: JetStreamManager, name: string) => Promise<T>,
): Promise<(T | undefined)[]> {
  const manager = await managerOf(connection);
  const results: (T | undefined)[] = [];
  for (const name of [names.stream, names.deadLetters, names.receipts]) {
    const result = act(manager, name).catch((error) => {
      if (!isStreamMissing(error)) throw error;
      return undefined;
    });
    results.push(await result);
  }
  return results;
}

/**
 * Creates or updates the pull consumer of the work stream. It delivers without limit: the application counts, since
 * a crash on the last delivery the broker allows would leave the message stuck for good. Rejects with StorageError.
 */
export async function ensureConsumer(connection: NatsConnection, ackWaitMs: number): Promise<void> {
  const { consumers } = await managerOf(connection);
  const config = {
    durable_name: names.consumer,
    ack_policy: AckPolicy.Explicit,
    ack_wait: nanos(ackWaitMs),
    max_deliver: -1,
    max_ack_pending: 100_000,
  };
  await consumers.add(names.stream, config).catch((error) => {
    if (!hasCode(error, codes.consumerExists)) throw brokerError(error);
    return consumers.update(names.stream, names.consumer, config);
  });
}

const managerOf = (connection: NatsConnection): Promise<JetStreamManager> =>
  jetstreamManager(connection, { checkAPI: false });
