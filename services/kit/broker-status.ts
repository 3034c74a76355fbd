import type { NatsConnection } from '@nats-io/transport-node';

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
