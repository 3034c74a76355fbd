import type { ClusterMember } from '#kit/broker/cluster.ts';
import { proxyOf, receiverOf } from '#lab/experiment/topology/hops.ts';
import type { ServerName } from '#lab/experiment/topology/names.ts';
import { type Route, routesFrom } from '#lab/experiment/topology/servers.ts';

const [clientPort, routePort] = [4222, 6222];

/**
 * Returns the variables of docker-compose.yml and cluster.yml that make a cluster of these servers. The `proxied`
 * routes lead over netproxy.
 */
export function clusterEnv(
  servers: readonly ServerName[],
  proxied: readonly Route[],
): Record<string, string> {
  // The files have `nats://` before the first.
  const addresses = servers.map((name) => `${name}:${clientPort}`).join(',nats://');
  const members: ClusterMember[] = servers.map((name) => ({
    name,
    listen: `0.0.0.0:${routePort}`,
    routes: routesFrom(name, servers).map((route) => addressOf(route, proxied)),
    isProxied: proxied.length > 0,
  }));
  const proxies = proxied.map((route) => ({
    name: proxyOf(route),
    listen: `0.0.0.0:${proxyPort(route)}`,
    upstream: `${receiverOf(route)}:${routePort}`,
  }));
  return {
    PUBLISHER_TO_NATS: addresses,
    CONSUMER_TO_NATS: addresses,
    CLUSTER: JSON.stringify(members),
    NETPROXY_ROUTES: proxies.map((proxy) => `, ${JSON.stringify(proxy)}`).join(''),
  };
}

const addressOf = (route: Route, proxied: readonly Route[]): string =>
  proxied.includes(route) ? `netproxy:${proxyPort(route)}` : `${receiverOf(route)}:${routePort}`;

/** Returns the port at which netproxy accepts a route: 7412 for `nats-1->nats-2`. The hops have the lower ports. */
function proxyPort(route: Route): number {
  const [, from, to] = /^nats-(\d)->nats-(\d)$/.exec(route)!;
  return Number(`74${from}${to}`);
}
