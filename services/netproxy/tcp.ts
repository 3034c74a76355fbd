import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import type { Address } from '#kit/urls.ts';

const connectionsMax = 10_000;

export type Listener = Awaited<ReturnType<typeof listen>>;

/** Returns the address of a host name. Prefers IPv4 like Go, and so Toxiproxy. */
export const resolve = async (host: string): Promise<string> =>
  (await lookup(host, { order: 'ipv4first' })).address;

/** Listens at an address. `accept` receives the paused sockets of clients, which stay when the listener closes. */
export async function listen(address: Address, accept: (client: Socket) => void) {
  const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, accept);
  server.maxConnections = connectionsMax;
  server.listen({ ...address, backlog: 4096 });
  await once(server, 'listening');
  const { address: host, port } = server.address() as AddressInfo;
  return { address: { host, port }, close: () => void server.close() };
}
