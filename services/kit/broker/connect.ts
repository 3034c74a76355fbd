import { type Clock, deadline, sleep, systemClock } from '#kit/clock.ts';
import { NoBroker } from '#kit/http/problem.ts';
import type { Logger } from '#kit/log.ts';
import { isClusterUnready, isStreamMissing, isTimeout } from './broker.ts';
import type { Broker } from './client.ts';

/**
 * Time for the broker's greeting before the next attempt. With the client's default of 20 s, a greeting lost in the
 * network would delay the reconnect long after the network has recovered. The greeting takes three round trips, so 5 s
 * allows a delay of a second in each.
 */
export const greetingMs = 5000;

/** Time between two tries to reconnect, and the maximum of a random time added to it. */
export const reconnect = { waitMs: 100, jitterMs: 50 };

/** Time between two pings. The connection is given up if two are unanswered when the next is due. */
export const pings = { everyMs: 2000, unansweredMax: 2 };

/** Sends all published messages, then closes. Closes at once if sending fails or takes more than 2 s. */
export async function disconnectBroker(connection: Pick<Broker, 'drain' | 'close'>): Promise<void> {
  await deadline(connection.drain(), patienceMs, systemClock).catch(() => connection.close());
}

export const patienceMs = 2000;

const retryMs = 100;

/** Time for a cluster to apply a configuration. An election takes up to 9 s, and each stream may need one. */
export const appliedWithinMs = 30_000;

/** Time for an answer before the request is repeated. A cluster without a leader answers nothing. */
const answerMs = 1000;

/**
 * Repeats a request until the broker answers. A broker that is killed while a service starts loses the request. `ask`
 * receives the time to wait for an answer. Rejects with any other error than a missing answer, and with NoBroker if
 * none came within `withinMs`.
 */
export async function untilAnswered<T>(
  ask: (answerMs: number) => Promise<T>,
  log: Pick<Logger, 'warn'>,
  clock: Clock = systemClock,
  withinMs = Number.POSITIVE_INFINITY,
): Promise<T> {
  const giveUpAtMs = clock.now() + withinMs;
  for (let tries = 1; ; tries++) {
    try {
      return await ask(answerMs);
    } catch (error) {
      if (!isSilence(error)) throw error;
      if (clock.now() >= giveUpAtMs) throw unapplied((error as Error).message, error);
      if (tries === 1) log.warn('waiting for an answer from the broker');
      await sleep(retryMs, clock);
    }
  }
}

/** True if no answer came in time, or JetStream isn't ready: one server may know a stream before the others do. */
const isSilence = (error: unknown): boolean =>
  isTimeout(error) || isClusterUnready(error) || isStreamMissing(error) || hasNoResponders(error);

/** True if no server takes the request. The client gives some of these errors as the cause of another. */
const hasNoResponders = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'NoResponders' || hasNoResponders(error.cause));

/**
 * Follows the state of a connection. Returns a function that returns true while the broker is connected. Calls
 * `onRestart` after a reconnect to another broker process.
 */
export function watchConnection(
  connection: Pick<Broker, 'status' | 'info'>,
  onRestart?: () => void,
): () => boolean {
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

/** Rejects with NoBroker at once if the broker is disconnected, and after 2 s without an answer. */
export async function requireBroker(
  connection: Pick<Broker, 'flush'>,
  connected: () => boolean,
  clock: Clock,
): Promise<void> {
  if (!connected()) throw unapplied('the broker is away');
  await deadline(connection.flush(), patienceMs, clock).catch((cause) => {
    throw unapplied(`the broker does not answer: ${cause.message}`, cause);
  });
}

const unapplied = (reason: string, cause?: unknown) =>
  new NoBroker(`the configuration was not applied: ${reason}`, { cause });
