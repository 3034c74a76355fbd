import { Control } from '#lab/testbed/control/control.ts';

/** Every arrow of a testbed, from who opens the connections to who takes them. */
export const arrows = [
  'load->gateway',
  'load->publisher',
  'gateway->downstream',
  'publisher->nats',
  'consumer->nats',
  'consumer->downstream',
] as const;
export type Arrow = (typeof arrows)[number];

export const isArrow = (target: string): target is Arrow => arrows.some((arrow) => arrow === target);

/** The arrows that are harmed at some time: a proxy stands there in every variant, from beginning to end. */
export const harmedOf = (faults: readonly { readonly target: string }[]): Arrow[] =>
  arrows.filter((arrow) => faults.some(({ target }) => target === arrow));

/** What netproxy calls the proxy on an arrow. */
export const proxyOf = (arrow: Arrow): string => arrow.replace('->', '-');

/** Who takes the connections of an arrow. */
export const takerOf = (arrow: Arrow): string => arrow.slice(arrow.indexOf('>') + 1);

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
