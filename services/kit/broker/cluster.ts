export interface ClusterMember {
  readonly name: string;
  /** Address for the routes from other servers, as `host:port`. */
  readonly listen: string;
  /** Addresses of the routes to the other servers, as `host:port`. */
  readonly routes: readonly string[];
}

/**
 * Returns the part of a server's configuration about its cluster, in nats-server's syntax. `secret` is the password of
 * the routes. Every server opens routes to all others.
 */
export const clusterText = (
  { name, listen, routes }: ClusterMember,
  secret: string,
): string => `server_name: ${name}
cluster {
  name: spillway
  listen: "${listen}"
  no_advertise: true
  authorization { user: route, password: "${secret}" }
  routes: [${routes.map((address) => `"nats://route:${secret}@${address}"`).join(', ')}]
}`;

/**
 * Environment of a server in a cluster. Needed for nats-server before 2.11: with more than one core, about 2 % of
 * its starts give a server that receives from the other servers, but never votes or acknowledges. Its send queue then
 * reads the system account before another thread has stored it: `newSendQ` in server.go, `internalLoop` in sendq.go of
 * 2.10.27.
 */
export const memberEnv = { GOMAXPROCS: '1' };
