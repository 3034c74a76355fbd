import { serversMax } from './broker-options.ts';
import type { ServerName } from './names.ts';
import { namesOf, roles, type ServerSet } from './replicas.ts';

/** Servers of the broker that a fault can name: one of several, those in a role, or all (`nats`). */
export type Servers = 'nats' | ServerSet;

export const serverSets: readonly ServerSet[] = [
  ...(namesOf('nats', serversMax) as ServerSet[]),
  ...roles.map((role): ServerSet => `nats-${role}`),
];

/** Routes that a fault can name: those between some servers and all others. With `nats->nats`, all routes. */
export type Routes = `${Servers}->nats`;
export const routes = (['nats', ...serverSets] as const).map((set): Routes => `${set}->nats`);

/** Route between two servers, from the one that opens the connection. Either server may open it. */
export type Route = `nats-${number}->nats-${number}`;

export const isServers = (target: string): target is Servers =>
  target === 'nats' || serverSets.some((set) => set === target);

const roleOf = (name: string) => roles.find((role) => name === `nats-${role}`);

/** True if a fault names servers by their role, such as `nats-leader`. */
export const isRole = (name: string): boolean => roleOf(name) !== undefined;

export const isRoutes = (target: string): target is Routes => routes.some((name) => name === target);

/** Returns the servers whose routes to all others have this name. */
export const endpointOf = (name: Routes): Servers => name.slice(0, name.indexOf('->')) as Servers;

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

/** Returns the routes between all servers. */
export const allRoutes = (servers: readonly ServerName[]): Route[] =>
  servers.flatMap((from) => servers.flatMap((to) => (to === from ? [] : [`${from}->${to}` as Route])));

/** Returns the routes that a server opens. */
export const routesFrom = (server: ServerName, servers: readonly ServerName[]): Route[] =>
  allRoutes(servers).filter((route) => route.startsWith(`${server}->`));

/** Returns the routes between `some` servers and the others. If `some` are all servers, returns all routes. */
export function routesOf(some: readonly ServerName[], servers: readonly ServerName[]): Route[] {
  const all = allRoutes(servers);
  if (some.length === servers.length) return all;
  const isSome = (name: string) => some.some((each) => each === name);
  return all.filter((route) => {
    const [from = '', to = ''] = route.split('->');
    return isSome(from) !== isSome(to);
  });
}
