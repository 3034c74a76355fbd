import { accessSync, constants, statSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type ClusterMember, clusterText, memberEnv } from '#kit/broker/cluster.ts';
import type { Listening } from '#kit/service.ts';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';
import { type BrokerOptions, defaultBroker, syncInterval } from '#lab/kit/topology/broker-options.ts';
import type { ServiceProcess } from '#lab/kit/topology/names.ts';
import { serviceOf } from '#lab/kit/topology/replicas.ts';
import { nodeArguments } from '#lab/world/process/bundle.ts';
import type { Command } from '#lab/world/process/launch.ts';

/** Returns the path of nats-server from `SPILLWAY_NATS_SERVER`, else from the PATH. Throws TestbedError. */
function findNatsServer(): string {
  const named = process.env.SPILLWAY_NATS_SERVER;
  const found = findExecutable('nats-server', named);
  if (found) return found;
  const where = named ? `SPILLWAY_NATS_SERVER names ${named}, which can't be run` : 'it is not on the PATH';
  throw new TestbedError(
    'nats-server-missing',
    `nats-server is required, but ${where}: install it (Debian: apt-get install nats-server, macOS: brew install nats-server) or set SPILLWAY_NATS_SERVER to its path`,
  );
}

interface NatsServerOptions extends Partial<Pick<BrokerOptions, 'sync'>> {
  /** In the syntax of the configuration file. Without it, the server requires no login. */
  readonly authorization?: string;
  readonly member?: ClusterMember;
  /** Password of the routes between the servers of a cluster. */
  readonly routeSecret?: string;
}

/**
 * Returns the command that starts a nats-server on loopback, with JetStream's data in `folder`. Writes its
 * configuration file. Port -1 picks a free port.
 */
export function natsServerCommand(
  port: number,
  folder: string,
  logFile: string,
  { sync = defaultBroker.sync, authorization = '', member, routeSecret = '' }: NatsServerOptions = {},
): Command {
  const config = `${folder}.conf`;
  // Options are written one by one, since nats-server refuses unknown options.
  const text = `jetstream { sync_interval: "${syncInterval({ sync })}" }
${authorization}
${member ? clusterText(member, routeSecret) : ''}
`;
  writeFileSync(config, text, { mode: 0o600 });
  let client = 0;
  return {
    name: member?.name ?? 'nats',
    file: findNatsServer(),
    args: ['-c', config, '-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder],
    ...(member && { env: memberEnv }),
    logFile,
    ready(line) {
      client ||= Number(/Listening for client connections on .*:(\d+)/.exec(line)?.[1] ?? 0);
      return client && line.includes('Server is ready') ? { client } : undefined;
    },
  };
}

interface ServiceOptions {
  readonly config: unknown;
  /** Port numbers; 0 picks a free port. */
  readonly ports: { readonly traffic: number; readonly control: number };
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
}

export function serviceCommand(name: ServiceProcess | 'netproxy', options: ServiceOptions): Command {
  const { config, ports, env, logFile } = options;
  return {
    name,
    file: process.execPath,
    args: nodeArguments(serviceOf(name)),
    env: {
      CONFIG: JSON.stringify(config),
      PORT: String(ports.traffic),
      CONTROL_PORT: String(ports.control),
      ...env,
    },
    logFile,
    ready(line) {
      if (!line.includes('"listening"')) return undefined;
      const { traffic, control } = JSON.parse(line).listening as Listening;
      return { traffic, control };
    },
  };
}

/**
 * Finds an executable on the PATH, or in `/usr/sbin`, where Debian has servers. With `named`, checks only that path.
 */
export function findExecutable(name: string, named?: string): string | undefined {
  if (named) return isExecutable(named) ? named : undefined;
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== ''),
    '/usr/sbin',
  ];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
