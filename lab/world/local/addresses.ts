import { type Hop, proxyOf, receiverOf } from '#lab/kit/topology/hops.ts';
import { type ProcessName, type ServiceName, serviceNames } from '#lab/kit/topology/names.ts';
import { namesOf, type ProcessCounts } from '#lab/kit/topology/replicas.ts';
import { withControl } from '#lab/world/control.ts';
import type { LocalAddresses } from '#lab/world/testbed.ts';

type Name = ProcessName | 'netproxy';
type PortKind = 'traffic' | 'control' | 'client';
type Receiver = ServiceName | 'nats';

/** Addresses of a testbed on this machine, as the lab and the services need them. */
export abstract class LoopbackAddresses implements LocalAddresses {
  readonly #hops: readonly Hop[];
  readonly #counts: Partial<ProcessCounts>;
  /** Proxies by hop, as `host:port`. */
  readonly #proxies = new Map<Hop, string>();

  constructor(hops: readonly Hop[] = [], counts: Partial<ProcessCounts> = {}) {
    this.#hops = hops;
    this.#counts = counts;
  }

  /** Returns the port of a process; undefined if it doesn't run. */
  protected abstract port(name: Name, kind: PortKind): number | undefined;

  processes<S extends ServiceName | 'nats'>(...services: readonly S[]): (S | `${S}-${number}`)[] {
    return services.flatMap((service) => namesOf(service, this.#counts[service] ?? 1));
  }

  get control(): LocalAddresses['control'] {
    const urls = serviceNames.map((name) => [name, this.#own(name, 'control')]);
    return Object.fromEntries(urls) as LocalAddresses['control'];
  }

  get traffic(): LocalAddresses['traffic'] {
    return {
      downstream: this.#own('downstream'),
      gateway: this.#on('load->gateway', 'gateway'),
      publisher: this.#on('load->publisher', 'publisher'),
    };
  }

  get natsUrl(): string {
    return this.#own('nats');
  }

  get netproxyUrl(): string | undefined {
    const port = this.port('netproxy', 'control');
    return port ? `http://127.0.0.1:${port}` : undefined;
  }

  /** Creates the proxies for the hops to these receivers, if netproxy runs. Rejects with TestbedError. */
  async placeProxies(...receivers: readonly Receiver[]): Promise<void> {
    if (this.netproxyUrl === undefined) return;
    await withControl('netproxy', this.netproxyUrl, undefined, async (netproxy) => {
      for (const hop of this.#hops) {
        const receiver = receivers.find((name) => name === receiverOf(hop));
        if (!receiver) continue;
        const proxy = { name: proxyOf(hop), upstream: new URL(this.#own(receiver)).host };
        const { listen } = JSON.parse(await netproxy.request('POST', '/proxies', proxy));
        this.#proxies.set(hop, listen);
      }
    });
  }

  /** Returns the environment of a service: the URLs of the services that it calls. */
  calledBy(name: ServiceName | 'netproxy'): Record<string, string> {
    return {
      ...((name === 'gateway' || name === 'consumer') && {
        DOWNSTREAM_URL: this.#on(`${name}->downstream`, 'downstream'),
      }),
      ...((name === 'publisher' || name === 'consumer') && { NATS_URL: this.#on(`${name}->nats`, 'nats') }),
    };
  }

  /** Returns the URL that reaches a receiver over a hop: that of the hop's proxy, if there is one. */
  #on(hop: Hop, receiver: Receiver): string {
    const url = this.#own(receiver);
    const listen = this.#proxies.get(hop);
    return listen === undefined ? url : `${new URL(url).protocol}//${listen}`;
  }

  /** Returns the URL of the receiver itself, without proxies. */
  #own(receiver: Receiver, kind: PortKind = receiver === 'nats' ? 'client' : 'traffic'): string {
    const protocol = receiver === 'nats' ? 'nats' : 'http';
    return this.processes(receiver)
      .map((name) => `${protocol}://127.0.0.1:${this.port(name, kind) ?? 0}`)
      .join(',');
  }
}
