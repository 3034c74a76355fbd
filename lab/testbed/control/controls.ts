import { urlsIn } from '#kit/urls.ts';
import { type Samples, together } from '#lab/evidence/samples.ts';
import type { Addresses } from '#lab/testbed/testbed.ts';
import { type ServiceName, type ServiceProcess, serviceNames } from '#lab/topology/names.ts';
import { namesOf } from '#lab/topology/replicas.ts';
import { Control } from './control.ts';

/** One for every service, and the netproxy's where it stands on a hop. */
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
