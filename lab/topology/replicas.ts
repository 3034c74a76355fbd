import type { Static } from 'typebox';
import { integer, strict } from '#kit/schema/schema.ts';
import { type ServiceName, type ServiceProcess, serviceNames } from './names.ts';

const replicasMax = 8;

const count = (description: string) => integer(1, replicasMax, description, 1);

/** Number of processes of each service of a testbed. */
export const Replicas = strict(
  {
    gateway: count('Number of gateway processes. The load distributes its requests to them round robin.'),
    publisher: count('Number of publisher processes. The load distributes its requests to them round robin.'),
    consumer: count('Number of consumer processes. They share the events of one stream.'),
    downstream: count(
      'Number of downstream processes. Callers distribute attempts to them round robin. Each process counts only its own requests in flight.',
    ),
  },
  {
    default: {},
    description:
      'Number of processes of each service. A fault targets one process (consumer-2) or all (consumer).',
  },
);
export type Replicas = Static<typeof Replicas>;

/** Number of replicas in a testbed with one process per service. */
export const alone: Replicas = { gateway: 1, publisher: 1, consumer: 1, downstream: 1 };

/**
 * Returns the names of a service's processes. A single process has the name of its service. Several are `consumer-1`,
 * `consumer-2` …
 */
export const namesOf = (service: ServiceName, count: number): ServiceProcess[] =>
  count === 1
    ? [service]
    : Array.from({ length: count }, (_, index): ServiceProcess => `${service}-${index + 1}`);

/** Returns all possible process names of a service. */
export const namesMax = (service: ServiceName): ServiceProcess[] => [
  service,
  ...namesOf(service, replicasMax),
];

/** Returns the service of a process. Returns any other name unchanged. */
export const serviceOf = <T extends string>(name: T): Exclude<T, `${ServiceName}-${number}`> =>
  name.replace(/-\d+$/, '') as Exclude<T, `${ServiceName}-${number}`>;

/** Returns the processes that a target stands for: all processes of a service, or the target itself. */
export function processesOf<T extends string>(target: T, replicas: Replicas): (T | ServiceProcess)[] {
  const service = serviceNames.find((name) => name === target);
  return service ? namesOf(service, replicas[service]) : [target];
}

/** True if both names are the same, or if one is a service and the other its process. */
export const isSameTarget = (one: string, other: string): boolean =>
  one === other || serviceOf(one) === other || one === serviceOf(other);
