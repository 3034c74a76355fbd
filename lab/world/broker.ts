import { errors } from '@nats-io/transport-node';
import type { NatsBroker } from '#kit/broker/nats.ts';
import { connectBroker } from '#kit/broker/nats.ts';
import { urlsIn } from '#kit/urls.ts';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';
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
