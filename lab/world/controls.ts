import type { ClockTimes } from '#kit/http/control.ts';
import type { MetricName } from '#kit/metrics.ts';
import type { Ping } from '#lab/evidence/clocks.ts';
import { type Samples, together } from '#lab/evidence/samples.ts';
import { type ServiceName, type ServiceProcess, serviceNames } from '#lab/kit/topology/names.ts';

/** Client of a process's control port, over HTTP or simulated. */
export interface ControlPort {
  /** Number of accepted calls that may change something (all but GET), by the first part of their path. */
  readonly sent: Map<string, number>;
  configure(config: unknown): Promise<void>;
  /** Reads the named metrics; without names, all metrics. */
  scrape(names?: readonly MetricName[], withinMs?: number): Promise<Samples>;
  /** Resolves with the reason why the service is not ready; undefined if it is. */
  unready(): Promise<string | undefined>;
  config(): Promise<object>;
  /** Compares the clock of the process with the lab's clock. */
  ping(): Promise<Ping & Pick<ClockTimes, 'wallMs'>>;
  request(method: Method, path: string, body?: unknown, withinMs?: number): Promise<string>;
  /** Streams a large body. Throws TestbedError if the process refuses the request, or if no data arrives for 10 s. */
  stream(path: string): AsyncGenerator<Uint8Array>;
  close(): Promise<void>;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** Control ports of a testbed, by service. Includes the control port of netproxy if it runs. */
export type Controls = Readonly<Record<ServiceName, ServiceControl> & { netproxy?: ControlPort | undefined }>;

/** Control ports of all processes of a service. A foreign service has none. */
export class ServiceControl {
  readonly processes: ReadonlyMap<ServiceProcess, ControlPort>;

  constructor(processes: ReadonlyMap<ServiceProcess, ControlPort>) {
    this.processes = processes;
  }

  get isForeign(): boolean {
    return this.processes.size === 0;
  }

  async configure(config: unknown): Promise<void> {
    await this.#all((port) => port.configure(config));
  }

  async scrape(...of: Parameters<ControlPort['scrape']>): Promise<Samples> {
    return together(await this.#all((port) => port.scrape(...of)));
  }

  async request(...of: Parameters<ControlPort['request']>): Promise<void> {
    await this.#all((port) => port.request(...of));
  }

  async close(): Promise<void> {
    await this.#all((port) => port.close());
  }

  #all<T>(ask: (port: ControlPort) => Promise<T>): Promise<T[]> {
    return Promise.all([...this.processes.values()].map(ask));
  }
}

export function controlsOver(
  portsOf: (service: ServiceName) => Iterable<readonly [ServiceProcess, ControlPort]>,
  netproxy: ControlPort | undefined,
): Controls {
  const services = serviceNames.map((service) => [service, new ServiceControl(new Map(portsOf(service)))]);
  return { ...(Object.fromEntries(services) as Record<ServiceName, ServiceControl>), netproxy };
}

export const processesIn = (
  controls: Readonly<Record<ServiceName, ServiceControl>>,
): [ServiceProcess, ControlPort][] => serviceNames.flatMap((service) => [...controls[service].processes]);
