import { once } from 'node:events';
import { createConnection } from 'node:net';
import { errors, type NatsConnection } from '@nats-io/transport-node';
import { connectBroker } from '#kit/broker/connect.ts';
import { deadline, systemClock } from '#kit/clock.ts';
import { StorageError } from '#kit/process/storage.ts';
import { addressOf } from '#kit/urls.ts';
import { TestbedError } from '#lab/errors/testbed-error.ts';
import type { Addresses } from '#lab/testbed/testbed.ts';

const withinMs = 5000;

/**
 * Connects to a testbed's broker. Rejects with TestbedError when none answers within 5 s, or as the first of `stops`
 * does, with nothing left that goes on connecting.
 */
export async function openBroker(
  { natsUrl, natsCredentials }: Pick<Addresses, 'natsUrl' | 'natsCredentials'>,
  ...stops: readonly Promise<never>[]
): Promise<NatsConnection> {
  await greeting(natsUrl, stops);
  return await connectBroker(natsUrl, 'lab', natsCredentials, withinMs).catch((cause) => {
    throw cause instanceof errors.AuthorizationError ? refused(natsUrl, cause) : unreachable(natsUrl, cause);
  });
}

/** What a broker answers. Rejects with TestbedError when it does not, or with StorageError where it has no room. */
export function answerOf<T>(natsUrl: string, answer: Promise<T>): Promise<T> {
  return answer.catch((cause) => {
    throw cause instanceof StorageError ? cause : failed(natsUrl, cause);
  });
}

/** Waits for what a broker says first: its client can't be interrupted in that, and may leave its socket behind. */
async function greeting(url: string, stops: readonly Promise<never>[]): Promise<void> {
  const socket = createConnection(addressOf(url));
  const ending = new AbortController();
  const greeted = deadline(once(socket, 'data', { signal: ending.signal }), withinMs, systemClock);
  try {
    await Promise.race([greeted.catch((cause) => Promise.reject(unreachable(url, cause))), ...stops]);
  } finally {
    ending.abort();
    socket.destroy();
  }
}

const unreachable = (url: string, cause: Error): TestbedError =>
  new TestbedError('nats-unreachable', `no broker answers at ${url} (${cause.message}): is the testbed up?`, {
    cause,
  });

const failed = (url: string, cause: Error): TestbedError =>
  new TestbedError('nats-failed', `the broker at ${url} did not answer as it should: ${cause.message}`, {
    cause,
  });

const refused = (url: string, cause: Error): TestbedError =>
  new TestbedError(
    'nats-refused',
    `the broker at ${url} lets nobody in like this: expected its user:password in SPILLWAY_NATS_CREDENTIALS`,
    { cause },
  );
