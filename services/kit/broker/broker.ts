import type { AckPolicy, DiscardPolicy, RetentionPolicy, StorageType } from '@nats-io/jetstream';
import { sleep, systemClock } from '#kit/clock.ts';
import { StorageError } from '#kit/process/storage.ts';
import type { Broker, Manager } from './client.ts';
import { eventBytesMax, maxPendingDefault, names } from './names.ts';

/** JetStream's API has times in ns. */
export const nsPerMs = 1e6;

const deadLettersMax = 1_000_000;

/** Error codes of JetStream's API for a failure to store, e.g. a full disk or an exhausted quota. */
const storageCodes = {
  notStored: 10077,
  noStore: 10049,
  noConsumerStore: 10012,
  noResources: 10023,
  noAccountResources: 10002,
  noStorageResources: 10047,
} as const;

const codes = {
  ...storageCodes,
  wrongLastSequence: 10071,
  tooLarge: 10054,
  streamNotFound: 10059,
  nameInUse: 10058,
  consumerExists: 10148,
  noPeers: 10005,
  noLeader: 10008,
} as const;

/** True if a stream reached its limit. The broker uses the same code for a full disk; only the message differs. */
export const isStreamFull = (error: unknown): boolean =>
  hasCode(error, codes.notStored) && /^maximum (messages|bytes) exceeded/.test((error as Error).message);

/** Converts the error of a broker that can't store to StorageError; returns others unchanged. */
export function brokerError(error: unknown): unknown {
  if (!isApiError(error) || isStreamFull(error)) return error;
  const { code, message } = error;
  if (!Object.values<number>(storageCodes).includes(code)) return error;
  const isFull = /no space left|quota exceeded|insufficient|resource limits/.test(message);
  return new StorageError(isFull ? 'disk-full' : 'disk', `the broker can't store: ${message}`, error);
}

/**
 * True if a message exceeds the limit of its stream or of the broker. The client checks the broker's limit itself; only
 * the message of its error shows this.
 */
export const isTooLarge = (error: unknown): boolean =>
  hasCode(error, codes.tooLarge) || (error as Error).message.includes('max_payload');

export const isAlreadyThere = (error: unknown): boolean => hasCode(error, codes.wrongLastSequence);

/** True if the cluster has just started or lost its majority: it has no leader, or doesn't know all servers yet. */
export const isClusterUnready = (error: unknown): boolean =>
  hasCode(error, codes.noLeader) || hasCode(error, codes.noPeers);

export const isStreamMissing = (error: unknown): boolean => hasCode(error, codes.streamNotFound);

const hasCode = (error: unknown, code: number): boolean => isApiError(error) && error.code === code;

/** True for an error of JetStream's API, real or simulated. The client names some by what is missing. */
const isApiError = (error: unknown): error is Error & { readonly code: number } =>
  error instanceof Error && /^(JetStreamApi|StreamNotFound|ConsumerNotFound)Error$/.test(error.name);

export const isTimeout = (error: unknown): boolean => error instanceof Error && error.name === 'TimeoutError';

/**
 * Creates missing streams, each on `replicas` servers. With `maxPending`, sets the limit of the work stream. Waits
 * `answerMs` for each answer. Rejects with StorageError.
 */
export async function ensureStreams(
  broker: Broker,
  maxPending?: number,
  replicas = 1,
  answerMs?: number,
): Promise<void> {
  const manager = await broker.manager(answerMs);
  const common = { storage: 'file' as StorageType, num_replicas: replicas };
  const work = {
    name: names.stream,
    subjects: [names.subject],
    ...common,
    retention: 'workqueue' as RetentionPolicy,
    discard: 'new' as DiscardPolicy,
    max_msgs: maxPending ?? maxPendingDefault,
    max_msg_size: eventBytesMax,
    duplicate_window: 120_000 * nsPerMs,
  };
  await addOrUpdate(manager, work, maxPending !== undefined);
  await addOrUpdate(manager, {
    name: names.deadLetters,
    ...common,
    subjects: [`dlq.${names.stream}.>`],
    // No limit in bytes: the broker would reserve that much disk space at once.
    max_msgs: deadLettersMax,
    discard: 'new' as DiscardPolicy,
  });
}

type StreamOptions = Parameters<Manager['streams']['add']>[0];

async function addOrUpdate(manager: Manager, config: StreamOptions, update = false): Promise<void> {
  try {
    await untilPossible(() => manager.streams.add(config));
  } catch (error) {
    // The stream exists with other options.
    if (!hasCode(error, codes.nameInUse)) throw brokerError(error);
    if (update) await untilPossible(() => manager.streams.update(config.name, config));
  }
}

/** Repeats a change of a stream for 0.5 s while the folder of a just deleted stream with this name still exists. */
const untilPossible = (change: () => Promise<unknown>): Promise<void> =>
  repeated(change, (error) => hasCode(error, codes.noStore), 20, 25);

/** Makes a request, and repeats it after an error that passes. */
async function repeated(
  request: () => Promise<unknown>,
  passes: (error: unknown) => boolean,
  triesMax: number,
  pauseMs: number,
): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await request();
      return;
    } catch (error) {
      if (!passes(error) || tries === triesMax) throw error;
      await sleep(pauseMs, systemClock);
    }
  }
}

/** Deletes the streams. The broker then also forgets the message ids by which it detects duplicates. */
export async function deleteStreams(broker: Broker): Promise<void> {
  const deleteStream = async ({ streams }: Manager, name: string) => {
    // Without the purge, messages could reappear in the next stream of this name: nats-server, up to 2.14 at least, may
    // fail to remove the folder if it has deleted such a stream before.
    await untilNotLost(() => streams.purge(name));
    await untilNotLost(() => streams.delete(name));
  };
  await ofEach(broker, deleteStream, 1000);
}

/** Repeats a request without an answer up to ten times, since a cluster that has just started may lose one. */
const untilNotLost = (request: () => Promise<unknown>): Promise<void> => repeated(request, isTimeout, 10, 0);

export async function purgeStreams(broker: Broker): Promise<void> {
  await ofEach(broker, ({ streams }, name) => streams.purge(name));
}

/** Counts the messages of the work stream and the dead-letter stream; 0 if the stream is missing. */
export async function countMessages(broker: Broker): Promise<[work: number, dead: number]> {
  const infos = await ofEach(broker, ({ streams }, name) => streams.info(name));
  const [work = 0, dead = 0] = infos.map((info) => info?.state.messages);
  return [work, dead];
}

/** Calls `act` for each stream, in turn. The result for a missing stream is undefined. */
async function ofEach<T>(
  broker: Broker,
  act: (manager: Manager, name: string) => Promise<T>,
  answerMs?: number,
): Promise<(T | undefined)[]> {
  const manager = await broker.manager(answerMs);
  const results: (T | undefined)[] = [];
  for (const name of [names.stream, names.deadLetters]) {
    const result = await act(manager, name).catch((error) => {
      if (!isStreamMissing(error)) throw error;
      return undefined;
    });
    results.push(result);
  }
  return results;
}

/**
 * Creates or updates the pull consumer of the work stream. Waits `answerMs` for each answer. Rejects with StorageError.
 * The application limits deliveries, not the broker: after a crash in the last delivery, the broker would leave the
 * message stuck.
 */
export async function ensureConsumer(broker: Broker, ackWaitMs: number, answerMs?: number): Promise<void> {
  const { consumers } = await broker.manager(answerMs);
  const config = {
    durable_name: names.consumer,
    ack_policy: 'explicit' as AckPolicy,
    ack_wait: ackWaitMs * nsPerMs,
    max_deliver: -1,
    max_ack_pending: 100_000,
  };
  await consumers.add(names.stream, config).catch((error) => {
    if (!hasCode(error, codes.consumerExists)) throw brokerError(error);
    return consumers.update(names.stream, names.consumer, config);
  });
}
