import type { ServiceName, ServiceProcess } from './testbed.ts';

/** What the processes of a service are called: like it where it has one, else `consumer-1`, `consumer-2` … */
export const namesOf = (service: ServiceName, count: number): ServiceProcess[] =>
  count === 1
    ? [service]
    : Array.from({ length: count }, (_, index): ServiceProcess => `${service}-${index + 1}`);

/** The service that a process is of; anything else is itself. */
export const serviceOf = <T extends string>(name: T): Exclude<T, `${ServiceName}-${number}`> =>
  name.replace(/-\d+$/, '') as Exclude<T, `${ServiceName}-${number}`>;
