import { errors } from '@nats-io/transport-node';
import type { Manager, NatsBroker, Stored } from '#kit/broker/client.ts';
import { connectBroker } from '#kit/broker/connect.ts';
import { StorageError } from '#kit/process/storage.ts';
import { urlsIn } from '#kit/urls.ts';
import { TestbedError } from '#lab/errors/testbed-error.ts';
import { firstEvent } from './readiness.ts';
import type { Addresses } from './testbed.ts';

const withinMs = 5000;

/**
 * Connects to the broker of a testbed. Rejects with TestbedError if the broker doesn't respond within 5 s. Stops
 * connecting as soon as one of `stops` rejects, and rejects with its reason.
 */
export async function openBroker(
  { natsUrl, natsCredentials }: Pick<Addresses, 'natsUrl' | 'natsCredentials'>,
  ...stops: readonly Promise<never>[]
): Promise<NatsBroker> {
  const unreachable = (cause: Error): TestbedError => {
    const message = `no broker answers at ${natsUrl} (${cause.message}): is the testbed up?`;
    return new TestbedError('nats-unreachable', message, { cause });
  };
  // Waits for the broker's greeting first. Until the greeting, the client can't be interrupted, and may leak its
  // socket.
  const ending = new AbortController();
  const greetings = urlsIn(natsUrl).map((url) => firstEvent(url, 'data', withinMs, ending.signal));
  const greeted = Promise.any(greetings).catch(({ errors: [first] }) => Promise.reject(first));
  try {
    await Promise.race([greeted.catch((cause) => Promise.reject(unreachable(cause))), ...stops]);
  } finally {
    ending.abort();
  }
  return await connectBroker(natsUrl, 'lab', natsCredentials, withinMs).catch((cause) => {
    if (!(cause instanceof errors.AuthorizationError)) throw unreachable(cause);
    const message = `the broker at ${natsUrl} refused the login: set SPILLWAY_NATS_CREDENTIALS to user:password`;
    throw new TestbedError('nats-refused', message, { cause });
  });
}

/**
 * Resolves with the answer of a broker. Rejects with StorageError if the broker has no space, else with TestbedError.
 */
export function answerOf<T>(natsUrl: string, answer: Promise<T>): Promise<T> {
  return answer.catch((cause) => {
    if (cause instanceof StorageError) throw cause;
    const message = `the broker at ${natsUrl} gave an unexpected answer: ${cause.message}`;
    throw new TestbedError('nats-failed', message, { cause });
  });
}

/** Maximum number of messages of a stream that are requested at the same time. */
const readers = 32;

/**
 * Calls `take` with each message of a stream, in any order, without affecting the stream's consumer. A work queue
 * allows only one consumer, and nats-server 2.10 can't read batches without a consumer. So several readers request
 * single messages.
 */
export async function eachMessage(
  { streams }: Pick<Manager, 'streams'>,
  stream: string,
  take: (message: Stored) => void,
): Promise<void> {
  const { state } = await streams.info(stream);
  if (state.messages === 0) return;
  const share = Math.ceil((state.last_seq - state.first_seq + 1) / readers);
  const read = async (first: number, last: number) => {
    for (let seq = first; seq <= last; ) {
      // Requests the next message that still exists. This skips deleted messages.
      const message = await streams.getMessage(stream, { seq, next_by_subj: '>' });
      if (!message || message.seq > last) return;
      take(message);
      seq = message.seq + 1;
    }
  };
  const starts = Array.from({ length: readers }, (_, reader) => state.first_seq + reader * share);
  await Promise.all(starts.map((first) => read(first, Math.min(first + share - 1, state.last_seq))));
}
