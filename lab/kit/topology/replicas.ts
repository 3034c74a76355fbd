import type { Static } from 'typebox';
import { integer, strict } from '#kit/schema/schema.ts';
import { type ServiceName, type ServiceProcess, serviceNames } from './names.ts';

const replicasMax = 8;

const count = (description: string) => integer({ from: 1, to: replicasMax, default: 1 }, description);

export const Replicas = strict(
  {
    gateway: count('Number of gateway processes.'),
    publisher: count('Number of publisher processes.'),
    consumer: count('Number of consumer processes, which share one stream.'),
    downstream: count('Number of downstream processes. Each counts only its own requests in flight.'),
  },
  {
    default: {},
    description:
      'Number of processes of each service, used round robin. A fault targets one process (consumer-2) or all (consumer).',
  },
);
export type Replicas = Static<typeof Replicas>;

/** Number of processes of each service, and of servers of the broker. */
export type ProcessCounts = Replicas & { readonly nats: number };

/** Number of replicas in a testbed with one process per service. */
export const alone: ProcessCounts = { gateway: 1, publisher: 1, consumer: 1, downstream: 1, nats: 1 };

const several = [...serviceNames, 'nats'] as const;
type Several = (typeof several)[number];

export const partOf = (name: string): Several | undefined => several.find((part) => part === name);

/** Returns the names of a service's processes: its own for a single one, else `consumer-1`, `consumer-2` … */
export const namesOf = <S extends Several>(service: S, count: number): (S | `${S}-${number}`)[] =>
  count === 1
    ? [service]
    : Array.from({ length: count }, (_, index): `${S}-${number}` => `${service}-${index + 1}`);

/** Returns all possible process names of a service. */
export const namesMax = (service: ServiceName): ServiceProcess[] => [
  service,
  ...namesOf(service, replicasMax),
];

/** Roles by which a fault can name servers of the broker. */
export const roles = ['leader', 'minority', 'majority'] as const;
type Role = (typeof roles)[number];

/** Servers of the broker that a fault can name: one server, or those in a role. */
export type ServerSet = `nats-${number | Role}`;

const oneOrRole = /-(\d+|leader|minority|majority)$/;

type Narrow = `${ServiceName}-${number}` | ServerSet;

/** Returns the service of a process, or `nats` for servers of the broker. Returns any other name unchanged. */
export const serviceOf = <T extends string>(name: T): Exclude<T, Narrow> =>
  name.replace(oneOrRole, '') as Exclude<T, Narrow>;

/** Returns the processes that a target stands for: all processes of a service, or the target itself. */
export function processesOf<T extends string>(
  target: T,
  counts: Replicas & Partial<ProcessCounts>,
): (T | `${Several}-${number}`)[] {
  const part = partOf(target);
  return part ? (namesOf(part, counts[part] ?? 1) as (T | `${Several}-${number}`)[]) : [target];
}

/**
 * True if both names are the same, if one is a service and the other its process, or if both name servers of the broker
 * and one does so by role.
 */
export function isSameTarget(one: string, other: string): boolean {
  if (one === other) return true;
  const service = serviceOf(one);
  if (service !== serviceOf(other)) return false;
  const isVague = (name: string) => name === service || roles.some((role) => name === `nats-${role}`);
  return isVague(one) || isVague(other);
}
