import type { NatsConnection } from '@nats-io/transport-node';
import { deadline, systemClock } from './clock.ts';

/** The broker, without which nothing can be changed, is away or says nothing. */
export class NoBroker extends Error {
  override readonly name = 'NoBroker';
  readonly statusCode = 503;
}

const patienceMs = 2000;

/** Follows a connection; the function returned says whether the broker is there right now. */
export function watchConnection(connection: NatsConnection): () => boolean {
  let connected = true;
  void (async () => {
    for await (const { type } of connection.status()) {
      if (type === 'disconnect' || type === 'staleConnection') connected = false;
      if (type === 'reconnect') connected = true;
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
