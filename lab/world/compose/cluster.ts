import type { ClusterMember } from '#kit/broker/cluster.ts';
import type { ServerName } from '#lab/experiment/topology/names.ts';

const [clientPort, routePort] = [4222, 6222];

/** Returns the variables of docker-compose.yml and cluster.yml that make a cluster of these servers. */
export function clusterEnv(servers: readonly ServerName[]): Record<string, string> {
  // The files have `nats://` before the first.
  const addresses = servers.map((name) => `${name}:${clientPort}`).join(',nats://');
  const members: ClusterMember[] = servers.map((name) => ({
    name,
    listen: `0.0.0.0:${routePort}`,
    routes: servers.filter((other) => other !== name).map((other) => `${other}:${routePort}`),
  }));
  return { PUBLISHER_TO_NATS: addresses, CONSUMER_TO_NATS: addresses, CLUSTER: JSON.stringify(members) };
}
