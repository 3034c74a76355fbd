import { type Arrow, proxyOf, takerOf } from '#lab/topology/connections.ts';
import { Control } from './control/control.ts';

/** The proxies on the arrows of a testbed. */
export class Proxies {
  readonly #arrows: readonly Arrow[];
  /** As `host:port`. */
  readonly #listen = new Map<Arrow, string>();

  constructor(arrows: readonly Arrow[]) {
    this.#arrows = arrows;
  }

  /** Has the netproxy at a control port put one on each arrow to those who take connections at these URLs. Rejects with TestbedError. */
  async put(controlUrl: string | undefined, takers: Readonly<Record<string, string>>): Promise<void> {
    if (controlUrl === undefined) return;
    const netproxy = new Control('netproxy', controlUrl);
    try {
      for (const arrow of this.#arrows) {
        const url = takers[takerOf(arrow)];
        if (url === undefined) continue;
        const proxy = { name: proxyOf(arrow), upstream: new URL(url).host };
        const { listen } = JSON.parse(await netproxy.request('POST', '/proxies', proxy));
        this.#listen.set(arrow, listen);
      }
    } finally {
      await netproxy.close();
    }
  }

  /** A URL as it is to be called on an arrow: at its proxy, where one stands there. */
  on(arrow: Arrow, url: string): string {
    const listen = this.#listen.get(arrow);
    return listen === undefined ? url : `${new URL(url).protocol}//${listen}`;
  }
}
