import type { Proxies } from '#lab/testbed/proxies.ts';
import type { LocalAddresses } from '#lab/testbed/testbed.ts';
import { type ServiceName, type ServiceProcess, serviceNames } from '#lab/topology/names.ts';
import { namesOf, type Replicas } from '#lab/topology/replicas.ts';

type Name = ServiceProcess | 'nats' | 'netproxy' | 'prometheus';

type Port = (name: Name, kind: 'traffic' | 'control' | 'client') => number | undefined;

/** Where what runs on this machine is reached: by others, and one by the other. */
export class OnLoopback implements LocalAddresses {
  readonly #port: Port;
  readonly #proxies: Proxies;
  readonly #replicas: Partial<Replicas>;

  /** `port` knows those of what runs already. */
  constructor(port: Port, proxies: Proxies, replicas: Partial<Replicas> = {}) {
    this.#port = port;
    this.#proxies = proxies;
    this.#replicas = replicas;
  }

  /** Those of some services. */
  processes(...services: readonly ServiceName[]): ServiceProcess[] {
    return services.flatMap((service) => namesOf(service, this.#replicas[service] ?? 1));
  }

  get control(): LocalAddresses['control'] {
    const urls = serviceNames.map((name) => [name, this.#urls(name, 'control')]);
    return Object.fromEntries(urls) as LocalAddresses['control'];
  }

  get traffic(): LocalAddresses['traffic'] {
    return {
      downstream: this.#own('downstream'),
      gateway: this.#proxies.on('load->gateway', this.#own('gateway')),
      publisher: this.#proxies.on('load->publisher', this.#own('publisher')),
    };
  }

  get natsUrl(): string {
    return this.#own('nats');
  }

  get netproxyUrl(): string | undefined {
    return this.#port('netproxy', 'control') ? this.#url('netproxy', 'control') : undefined;
  }

  get prometheusUrl(): string | undefined {
    return this.#port('prometheus', 'traffic') ? this.#url('prometheus', 'traffic') : undefined;
  }

  /** Where some take connections themselves, whatever stands before them. */
  taken(...names: readonly (ServiceName | 'nats')[]): Record<string, string> {
    return Object.fromEntries(names.map((name) => [name, this.#own(name)]));
  }

  /** Where a service finds those that it calls, as its environment says. */
  calledBy(name: ServiceName | 'netproxy'): Record<string, string> {
    const work = (caller: 'gateway' | 'consumer') =>
      this.#proxies.on(`${caller}->downstream`, this.#own('downstream'));
    const broker = (client: 'publisher' | 'consumer') => this.#proxies.on(`${client}->nats`, this.natsUrl);
    return {
      ...((name === 'gateway' || name === 'consumer') && { DOWNSTREAM_URL: work(name) }),
      ...((name === 'publisher' || name === 'consumer') && { NATS_URL: broker(name) }),
    };
  }

  #own(name: ServiceName | 'nats'): string {
    if (name !== 'nats') return this.#urls(name, 'traffic');
    return `nats://127.0.0.1:${this.#port(name, 'client') ?? 0}`;
  }

  #urls(service: ServiceName, kind: 'traffic' | 'control'): string {
    return this.processes(service)
      .map((name) => this.#url(name, kind))
      .join(',');
  }

  #url(name: Name, kind: 'traffic' | 'control'): string {
    return `http://127.0.0.1:${this.#port(name, kind) ?? 0}`;
  }
}
