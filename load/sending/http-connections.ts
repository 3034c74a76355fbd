import { Connection, type Transport, tcp } from '#kit/http-client/connection.ts';
import { replicaLookups } from '#kit/http-client/replica-slots.ts';
import { type Address, hostIn } from '#kit/urls.ts';
import { Connections } from './connections.ts';
import { httpText } from './http-text.ts';

/**
 * Returns connections over HTTP, `size` to each address. A repeated host name stands for several replicas; while one is
 * replaced, another gets its requests.
 */
export function httpConnections(
  addresses: readonly Address[],
  size: number,
  { ready, connect }: Transport = tcp,
): Connections {
  const lookups = replicaLookups(addresses, { mayShare: true });
  const replicas = addresses.map((address, index) => {
    const lookup = lookups[index];
    const transport: Transport = lookup
      ? { ready, connect: (options) => connect({ ...options, lookup }) }
      : { ready, connect };
    return {
      name: `${address.host}:${address.port}`,
      connect: () => new Connection(address, undefined, transport),
    };
  });
  return new Connections(replicas, size, ({ url, ...command }) =>
    httpText({ ...command, host: hostIn(url) }),
  );
}
