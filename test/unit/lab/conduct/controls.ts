import { type ServiceProcess, serviceNames } from '#lab/kit/topology/names.ts';
import type { Control } from '#lab/world/control.ts';
import { type Controls, ServiceControl } from '#lab/world/controls.ts';

/** Returns controls of services with these processes. A test defines only the methods that it needs. */
export const replicated = (services: Readonly<Record<string, Readonly<Record<string, object>>>>): Controls =>
  Object.fromEntries(
    serviceNames.map((service) => [
      service,
      new ServiceControl(
        new Map(Object.entries(services[service] ?? {}) as unknown as [ServiceProcess, Control][]),
      ),
    ]),
  ) as unknown as Controls;

/** Returns controls of services with one process each. A test defines only the methods that it needs. */
export const alone = (services: Readonly<Record<string, object>>): Controls =>
  replicated(Object.fromEntries(Object.entries(services).map(([name, port]) => [name, { [name]: port }])));
