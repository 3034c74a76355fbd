import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { ClusterMember } from '#kit/broker/cluster.ts';
import { isPackage, root } from '#kit/process/installation.ts';
import type { Hop } from '#lab/kit/topology/hops.ts';
import type { ServerName } from '#lab/kit/topology/names.ts';
import type { StartOptions } from '#lab/world/testbed.ts';
import { docker } from './docker.ts';

interface Layout extends Pick<StartOptions, 'hops' | 'seed'> {
  /** Servers of the broker. Several form a cluster. */
  readonly servers?: readonly ServerName[];
}

export type Project = ReturnType<typeof projectOf>;

/**
 * Returns the compose project of a run: docker-compose.yml with the overrides of compose.yml, and of cluster.yml if the
 * broker has several servers. If hops get a proxy, it includes netproxy.
 */
export function projectOf({ hops = [], servers = ['nats'], seed = 1 }: Layout = {}) {
  const name = `spillway-run-${randomBytes(6).toString('hex')}`;
  const isProxied = hops.length > 0;
  const isCluster = servers.length > 1;
  /** Returns docker's arguments for a compose command. */
  const compose = (...args: readonly string[]): string[] => {
    const ofPackage = isPackage ? ['docker-compose.override.yml'] : [];
    const overrides = ['compose.yml', ...(isCluster ? ['cluster.yml'] : [])];
    const files = [
      'docker-compose.yml',
      ...ofPackage,
      ...overrides.map((file) => join('lab/world/compose', file)),
    ];
    const fileArgs = files.map((file) => `--file=${join(root, file)}`);
    const profile = isProxied ? ['--profile=chaos'] : [];
    return ['compose', '--project-name', name, '--progress', 'quiet', ...fileArgs, ...profile, ...args];
  };
  /** Environment of `compose up`, which routes the hops through netproxy and configures a cluster. */
  const env: Record<string, string> = {
    ...(isCluster && clusterEnv(servers)),
    ...detours(hops),
    NETPROXY_SEED: String(seed),
  };
  const removal = (timeoutSeconds: number): string[][] => [
    compose('down', '--volumes', '--remove-orphans', '--timeout', String(timeoutSeconds)),
    forgetRanges(name),
    ['image', 'rm', '--force', `spillway:${name}`],
  ];
  return { name, servers, hops, isProxied, compose, env, removal };
}

const [clientPort, routePort] = [4222, 6222];

/** Returns the variables of docker-compose.yml and cluster.yml that make a cluster of these servers. */
function clusterEnv(servers: readonly ServerName[]): Record<string, string> {
  // The files have `nats://` before the first.
  const addresses = servers.map((name) => `${name}:${clientPort}`).join(',nats://');
  const members: ClusterMember[] = servers.map((name) => ({
    name,
    listen: `0.0.0.0:${routePort}`,
    routes: servers.filter((other) => other !== name).map((other) => `${other}:${routePort}`),
  }));
  return { PUBLISHER_TO_NATS: addresses, CONSUMER_TO_NATS: addresses, CLUSTER: JSON.stringify(members) };
}

const variableOf = (hop: Hop): string => hop.replace('->', '_to_').toUpperCase();

/**
 * Returns the variables of docker-compose.yml that route these hops through netproxy. A value is, for example,
 * `netproxy:7110`.
 */
export function detours(hops: readonly Hop[]): Record<string, string> {
  const all = parseEnv(readFileSync(join(root, 'docker/chaos.env'), 'utf8'));
  return Object.fromEntries(hops.map((hop) => [variableOf(hop), all[variableOf(hop)]!]));
}

/** Returns the port at which netproxy accepts the connections of a hop. */
export const detourPort = (hop: Hop): number => Number(detours([hop])[variableOf(hop)]!.replace(/.*:/, ''));

/** Networks of a run, named as in the variables of compose.yml. */
const networks = ['CALLERS', 'WORK', 'BROKER', 'CONTROL'];

const names = (project: string): string[] => networks.map((network) => `${project}-${network.toLowerCase()}`);

/** Offset of each container's address in every address range. Offset 1 belongs to Docker's gateway. */
const offsets = {
  ...{ GATEWAY: 2, PUBLISHER: 3, NATS: 4, CONSUMER: 5, DOWNSTREAM: 6, NETPROXY: 7 },
  ...{ NATS_1: 8, NATS_2: 9, NATS_3: 10, NATS_4: 11, NATS_5: 12 },
};

/**
 * Returns values of the variables of compose.yml: a free address range for each network, for example 172.18.0.0/16, and
 * the address of each container in it. Docker lets a restarted container keep its address only if the range is given.
 * Finds free ranges by creating networks and removing them again. Another network may take the ranges before they are
 * used.
 */
export async function freeRanges(project: string, signal?: AbortSignal): Promise<Record<string, string>> {
  try {
    for (const name of names(project)) await docker(['network', 'create', '--internal', name], { signal });
    const subnet = '{{(index .IPAM.Config 0).Subnet}}';
    const subnets = await docker(['network', 'inspect', '--format', subnet, ...names(project)], { signal });
    const ranges = subnets.trim().split('\n');
    return Object.assign({}, ...networks.map((network, index) => variablesOf(network, ranges[index]!)));
  } finally {
    await docker(forgetRanges(project));
  }
}

function variablesOf(network: string, range: string): Record<string, string> {
  const [, start, last] = /^(.*)\.(\d+)\//.exec(range)!;
  const addresses = Object.entries(offsets).map(([container, offset]) => [
    `${network}_${container}`,
    `${start}.${Number(last) + offset}`,
  ]);
  return { [network]: range, ...Object.fromEntries(addresses) };
}

const forgetRanges = (project: string): string[] => ['network', 'rm', '--force', ...names(project)];

/** Returns the address of a container on each of its networks. */
export async function addressesOf(id: string, signal?: AbortSignal): Promise<Record<string, string>> {
  const format = '{{json .NetworkSettings.Networks}}';
  const found: Record<string, { IPAddress: string }> = JSON.parse(
    await docker(['inspect', '--format', format, id], { signal }),
  );
  return Object.fromEntries(Object.entries(found).map(([network, { IPAddress }]) => [network, IPAddress]));
}
