import type { ServerName } from './names.ts';
import { allRoutes, isRoutes, type Route, type Routes } from './servers.ts';

/** Hops of a testbed, from the process that opens connections to the one that accepts them. */
export const hops = [
  'load->gateway',
  'load->publisher',
  'gateway->downstream',
  'publisher->nats',
  'consumer->nats',
  'consumer->downstream',
] as const;
/** Hop that a service or the load opens. */
export type ServiceHop = (typeof hops)[number];

/** Hop that a fault can target. Those between servers of the broker stand for several routes. */
export type Hop = ServiceHop | Routes;
/** Hop that a single proxy can be placed on. */
export type ProxiedHop = ServiceHop | Route;

export const isHop = (target: string): target is Hop => isServiceHop(target) || isRoutes(target);

const isServiceHop = (target: string): target is ServiceHop => hops.some((hop) => hop === target);

type Faults = readonly { readonly target: string }[];

/** Returns the hops that faults target. Each of them has a proxy in every variant, for the whole run. */
export const affectedHops = (faults: Faults): ServiceHop[] =>
  hops.filter((hop) => faults.some(({ target }) => target === hop));

/**
 * Returns the routes between servers that faults may affect: all or none, since the leader is known only when a fault
 * is injected.
 */
export const affectedRoutes = (faults: Faults, servers: readonly ServerName[]): Route[] =>
  faults.some(({ target }) => isRoutes(target)) ? allRoutes(servers) : [];

/** Returns the name that netproxy uses for the proxy on a hop. */
export const proxyOf = (hop: ProxiedHop): string => hop.replace('->', '-');

/** Returns the process that accepts the connections of a hop. */
export const receiverOf = (hop: Hop | ProxiedHop): string => hop.slice(hop.indexOf('>') + 1);
