import { type NatsConnection, NoRespondersError, RequestError, TimeoutError } from '@nats-io/transport-node';
import { type Clock, deadline, sleep, systemClock } from '#kit/clock.ts';
import type { Logger } from '#kit/log.ts';
import { connectBroker } from './broker.ts';

/** The broker, without which nothing can be changed, is away or says nothing. */
export class NoBroker extends Error {
  override readonly name = 'NoBroker';
  readonly statusCode = 503;
}

const patienceMs = 2000;

/** Connects a service with the broker of its environment, however long that takes; after 2 s it says what it waits for. */
export async function awaitBroker(
  env: { readonly NATS_URL: string; readonly NATS_CREDENTIALS: string },
  name: string,
  log: Logger,
): Promise<NatsConnection> {
  const timer = systemClock.after(patienceMs, () => log.warn(`waiting for the broker at ${env.NATS_URL}`));
  try {
    return await connectBroker(env.NATS_URL, name, env.NATS_CREDENTIALS);
  } finally {
    systemClock.cancel(timer);
  }
}

const againAfterMs = 100;

/**
 * Asks the broker again as long as it doesn't answer: one that is killed while a service starts loses what it was asked.
 * Rejects with any other error.
 */
export async function untilAnswered<T>(
  ask: () => Promise<T>,
  log: Pick<Logger, 'warn'>,
  clock: Clock = systemClock,
): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (!isSilence(error)) throw error;
      if (tries === 1) log.warn('waiting for an answer of the broker');
      await sleep(againAfterMs, clock);
    }
  }
}

/** No answer came in time, or JetStream isn't ready yet. */
const isSilence = (error: unknown): boolean =>
  error instanceof TimeoutError ||
  error instanceof NoRespondersError ||
  (error instanceof RequestError && error.isNoResponders());

/**
 * Follows a connection; the function returned says whether the broker is there right now. `onRestart` hears when it is
 * there again as another process.
 */
export function watchConnection(connection: NatsConnection, onRestart?: () => void): () => boolean {
  let connected = true;
  let server = connection.info?.server_id;
  void (async () => {
    for await (const { type } of connection.status()) {
      if (type === 'disconnect' || type === 'staleConnection') connected = false;
      if (type !== 'reconnect') continue;
      connected = true;
      if (connection.info?.server_id !== server) onRestart?.();
      server = connection.info?.server_id;
    }
    connected = false;
  })();
  return () => connected;
}

/** Before a configuration is applied: rejects with NoBroker at once while the broker is away, and after 2 s when it is mute. */
export async function requireBroker(connection: NatsConnection, connected: () => boolean): Promise<void> {
  const refuse = (reason: string, cause?: unknown) => {
    throw new NoBroker(`the configuration was not applied: ${reason}`, { cause });
  };
  if (!connected()) refuse('the broker is away');
  await deadline(connection.flush(), patienceMs, systemClock).catch((cause) =>
    refuse(`the broker does not answer: ${cause.message}`, cause),
  );
}
