import { serversMax } from './broker-options.ts';
import type { ServerName } from './names.ts';
import { namesOf, roles, type ServerSet } from './replicas.ts';

/** Servers of the broker that a fault can name: one of several, those in a role, or all (`nats`). */
export type Servers = 'nats' | ServerSet;

export const serverSets: readonly ServerSet[] = [
  ...(namesOf('nats', serversMax) as ServerSet[]),
  ...roles.map((role): ServerSet => `nats-${role}`),
];

export const isServers = (target: string): target is Servers =>
  target === 'nats' || serverSets.some((set) => set === target);

const roleOf = (name: string) => roles.find((role) => name === `nats-${role}`);

/** True if a fault names servers by their role, such as `nats-leader`. */
export const isRole = (name: string): boolean => roleOf(name) !== undefined;

/**
 * Returns the servers with a name. `leader` returns the server that leads the work stream. A minority doesn't include
 * it, and a majority does, so that each role has another effect.
 */
export async function serversIn(
  name: Servers,
  all: readonly ServerName[],
  leader: () => Promise<ServerName>,
): Promise<readonly ServerName[]> {
  const role = roleOf(name);
  if (role === undefined) return name === 'nats' ? all : [name as ServerName];
  const first = await leader();
  const others = all.filter((each) => each !== first).slice(0, Math.floor(all.length / 2));
  return { leader: [first], minority: others, majority: [first, ...others] }[role];
}
