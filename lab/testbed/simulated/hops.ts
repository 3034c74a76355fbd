import type { Clock } from '#kit/clock.ts';
import { type Hop, proxyOf } from '#lab/topology/hops.ts';
import { formatAddress } from '#netproxy/address.ts';
import { delayOf, directWire } from './hop.ts';
import type { Wire } from './line.ts';
import { SimulatedNetwork } from './network.ts';
import type { Listener, Party } from './process.ts';
import { ProxiedHop, type Sizes } from './proxied-hop.ts';

/** Sizes of messages with ids of four characters, as measured over HTTP. */
const sizes: Partial<Record<Hop, Sizes>> = {
  'load->gateway': { request: 220, answerHead: 186 },
  'load->publisher': { request: 223, answerHead: 172 },
  'gateway->downstream': { request: 234, answerHead: 172 },
  'consumer->downstream': { request: 234, answerHead: 172 },
};

export type Hops = ReturnType<typeof hopsOf>;

/** Returns the hops of a simulated testbed. Those that faults affect have a proxy. */
export function hopsOf(clock: Clock, affected: readonly Hop[]) {
  const network = new SimulatedNetwork(clock);
  const proxies: { readonly name: string; readonly listen: string; readonly upstream: string }[] = [];
  const freeAddress = () => ({ host: '127.0.0.1', port: 2 * proxies.length + 1 });
  return {
    network,
    /** Proxies that the netproxy must have. */
    proxies,
    /** Returns a function that makes ways to a process over a hop, each for one client. */
    wires(hop: Hop, server: Listener, overheadMs: number): (party: Party) => Wire {
      const delay = delayOf(clock, overheadMs);
      if (!affected.includes(hop)) {
        const wire = directWire(server, delay, clock);
        return () => wire;
      }
      const proxy = freeAddress();
      const upstream = { ...proxy, port: proxy.port + 1 };
      proxies.push({
        name: proxyOf(hop),
        listen: formatAddress(proxy),
        upstream: formatAddress(upstream),
      });
      const parts = { network, delay, proxy, upstream, server, sizes: sizes[hop]! };
      const proxied = new ProxiedHop(parts);
      return (party) => proxied.wire(party);
    },
  };
}
