import { catalogue } from '#kit/metrics.ts';
import { urlsIn } from '#kit/urls.ts';
import { Control, type Samples } from './control.ts';
import { namesOf } from './engine/replicas.ts';
import { type Addresses, type ServiceName, type ServiceProcess, serviceNames } from './engine/testbed.ts';

/** One for every service, and the netproxy's where it stands on an arrow. */
export type Controls = Readonly<Record<ServiceName, ServiceControl> & { netproxy?: Control | undefined }>;

/**
 * The control ports of all processes of a service, as one. A service that is not Spillway's has none: it can't be told
 * anything, and counts nothing.
 */
export class ServiceControl {
  readonly processes: ReadonlyMap<ServiceProcess, Control>;

  constructor(processes: ReadonlyMap<ServiceProcess, Control>) {
    this.processes = processes;
  }

  async configure(config: unknown): Promise<void> {
    await this.#all((port) => port.configure(config));
  }

  async scrape(...of: Parameters<Control['scrape']>): Promise<Samples> {
    return together(await this.#all((port) => port.scrape(...of)));
  }

  async request(...of: Parameters<Control['request']>): Promise<void> {
    await this.#all((port) => port.request(...of));
  }

  /** What each has there, one after the other. */
  async *stream(path: string): AsyncGenerator<Uint8Array> {
    for (const port of this.processes.values()) yield* port.stream(path);
  }

  async close(): Promise<void> {
    await this.#all((port) => port.close());
  }

  #all<T>(ask: (port: Control) => Promise<T>): Promise<T[]> {
    return Promise.all([...this.processes.values()].map(ask));
  }
}

/** What several processes of a service say together: the sum, but for what the catalogue has otherwise. */
export function together(scrapes: readonly Samples[]): Samples {
  const all = new Map<string, number>();
  for (const samples of scrapes) {
    for (const [series, value] of samples) {
      const before = all.get(series);
      all.set(series, before === undefined ? value : joined(series, before, value));
    }
  }
  return all;
}

/** What several processes say together of a metric, where it is not the sum. */
export const ruleOf = (name: string): 'highest' | 'least' | undefined =>
  (catalogue as Readonly<Record<string, { together?: 'highest' | 'least' }>>)[name]?.together;

function joined(series: string, one: number, other: number): number {
  const rule = ruleOf(series.replace(/\{.*/, ''));
  if (rule === undefined) return one + other;
  // Who does not know is no witness.
  if (Number.isNaN(one) || Number.isNaN(other)) return Number.isNaN(one) ? other : one;
  return rule === 'highest' ? Math.max(one, other) : Math.min(one, other);
}

/** The control ports of a testbed. */
export function controlsOf({ control, netproxyUrl, controlToken }: Addresses): Controls {
  const services = serviceNames.map((service) => {
    const urls = control[service] === undefined ? [] : urlsIn(control[service]);
    const names = namesOf(service, urls.length);
    const ports = urls.map((url, index) => {
      const name = names[index]!;
      return [name, new Control(name, url, controlToken)] as const;
    });
    return [service, new ServiceControl(new Map(ports))] as const;
  });
  return {
    ...(Object.fromEntries(services) as Record<ServiceName, ServiceControl>),
    ...(netproxyUrl !== undefined && { netproxy: new Control('netproxy', netproxyUrl, controlToken) }),
  };
}
