import { type Control, type Controls, ServiceControl } from '#lab/testbed/control.ts';
import { type ServiceProcess, serviceNames } from '#lab/topology/names.ts';

/** Services of these processes, of each of which a test says as much as it needs. */
export const replicated = (services: Readonly<Record<string, Readonly<Record<string, object>>>>): Controls =>
  Object.fromEntries(
    serviceNames.map((service) => [
      service,
      new ServiceControl(
        new Map(Object.entries(services[service] ?? {}) as unknown as [ServiceProcess, Control][]),
      ),
    ]),
  ) as unknown as Controls;

/** The same where each service is one process. */
export const alone = (services: Readonly<Record<string, object>>): Controls =>
  replicated(Object.fromEntries(Object.entries(services).map(([name, port]) => [name, { [name]: port }])));
