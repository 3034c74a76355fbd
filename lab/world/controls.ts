import { type Samples, together } from '#lab/evidence/samples.ts';
import { type ServiceName, type ServiceProcess, serviceNames } from '#lab/experiment/topology/names.ts';
import type { Control } from './control.ts';

/** Client of a control port, over HTTP or simulated. */
export type ControlPort = Pick<Control, keyof Control>;

/** Control ports of a testbed, by service. Includes the control port of netproxy if it runs. */
export type Controls = Readonly<Record<ServiceName, ServiceControl> & { netproxy?: ControlPort | undefined }>;

/** Control ports of all processes of a service. A foreign service has none. */
export class ServiceControl {
  readonly processes: ReadonlyMap<ServiceProcess, ControlPort>;

  constructor(processes: ReadonlyMap<ServiceProcess, ControlPort>) {
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

  async close(): Promise<void> {
    await this.#all((port) => port.close());
  }

  #all<T>(ask: (port: ControlPort) => Promise<T>): Promise<T[]> {
    return Promise.all([...this.processes.values()].map(ask));
  }
}

/** Returns the control ports of all services' processes. */
export const processesIn = (
  controls: Readonly<Record<ServiceName, ServiceControl>>,
): [ServiceProcess, ControlPort][] => serviceNames.flatMap((service) => [...controls[service].processes]);
