import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import type { Network } from './network.ts';

const connectionsMax = 10_000;

export const tcp: Network = {
  /** Prefers IPv4 like Go, and so Toxiproxy. */
  resolve: async (host) => (await lookup(host, { order: 'ipv4first' })).address,

  async listen(address, accept) {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, accept);
    server.maxConnections = connectionsMax;
    server.listen({ ...address, backlog: 4096 });
    await once(server, 'listening');
    const { address: host, port } = server.address() as AddressInfo;
    return { address: { host, port }, close: () => void server.close() };
  },

  connect: (address) => connect({ ...address, allowHalfOpen: true, noDelay: true }),
};
