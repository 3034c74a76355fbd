import type { Clock } from '#kit/clock.ts';
import { type Hop, proxyOf } from '#lab/experiment/topology/hops.ts';
import { formatAddress } from '#netproxy/address.ts';
import type { WayOf } from './broker/connection.ts';
import { serveBroker, Tunnel } from './broker/tunnel.ts';
import { type Delay, delayOf, directWire } from './hop.ts';
import type { Wire } from './line.ts';
import { SimulatedNetwork } from './network.ts';
import type { Listener, Party } from './process.ts';
import { ProxiedHop } from './proxied-hop.ts';

export type Hops = ReturnType<typeof hopsOf>;

/** Returns the hops of a simulated testbed. Those that faults affect have a proxy. */
export function hopsOf(clock: Clock, affected: readonly Hop[]) {
  const network = new SimulatedNetwork(clock);
  const proxied = affected.map((hop, index) => {
    const [proxy, upstream] = [1, 2].map((port) => ({ host: '127.0.0.1', port: 2 * index + port }));
    return { hop, proxy: proxy!, upstream: upstream! };
  });
  const find = (hop: Hop) => proxied.find((each) => each.hop === hop);
  return {
    network,
    /** Proxies that the netproxy must have. */
    proxies: proxied.map(({ hop, proxy, upstream }) => ({
      name: proxyOf(hop),
      listen: formatAddress(proxy),
      upstream: formatAddress(upstream),
    })),

    /** Returns a function that makes ways to a process over a hop, each for one client. */
    wires(hop: Hop, server: Listener, overheadMs: number): (party: Party) => Wire {
      const delay = delayOf(clock, overheadMs);
      const own = find(hop);
      if (!own) {
        const wire = directWire(server, delay, clock);
        return () => wire;
      }
      const through = new ProxiedHop({ ...own, network, delay, server });
      return (party) => through.wire(party);
    },

    /** Returns the hop of a client to the broker. `server` is the broker's process. */
    toBroker(hop: Hop, server: Listener, overheadMs: number): { hop: Delay; wayOf?: WayOf } {
      const delay = delayOf(clock, overheadMs);
      const own = find(hop);
      if (!own) return { hop: delay };
      const parts = { ...own, network, delay, server };
      serveBroker(parts);
      return { hop: delay, wayOf: (session, ofClient) => new Tunnel(parts, session, ofClient) };
    },
  };
}
