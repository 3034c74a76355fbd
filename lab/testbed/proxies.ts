import { type Hop, proxyOf, receiverOf } from '#lab/topology/hops.ts';
import { Control } from './control/control.ts';

/** The proxies on the hops of a testbed. */
export class Proxies {
  readonly #hops: readonly Hop[];
  /** As `host:port`. */
  readonly #listen = new Map<Hop, string>();

  constructor(hops: readonly Hop[]) {
    this.#hops = hops;
  }

  /** Has the netproxy at a control port put one on each hop to those who take connections at these URLs. Rejects with TestbedError. */
  async put(controlUrl: string | undefined, receivers: Readonly<Record<string, string>>): Promise<void> {
    if (controlUrl === undefined) return;
    const netproxy = new Control('netproxy', controlUrl);
    try {
      for (const hop of this.#hops) {
        const url = receivers[receiverOf(hop)];
        if (url === undefined) continue;
        const proxy = { name: proxyOf(hop), upstream: new URL(url).host };
        const { listen } = JSON.parse(await netproxy.request('POST', '/proxies', proxy));
        this.#listen.set(hop, listen);
      }
    } finally {
      await netproxy.close();
    }
  }

  /** A URL as it is to be called on a hop: at its proxy, where one stands there. */
  on(hop: Hop, url: string): string {
    const listen = this.#listen.get(hop);
    return listen === undefined ? url : `${new URL(url).protocol}//${listen}`;
  }
}
