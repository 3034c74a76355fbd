import { writeFileSync } from 'node:fs';
import { TestbedError } from '#lab/errors/testbed-error.ts';
import type { Command } from '#lab/testbed/process/child.ts';
import { findExecutable } from '#lab/testbed/process/executable.ts';
import { type BrokerOptions, defaultBroker, syncInterval } from '#lab/topology/broker-options.ts';

/** The path of nats-server: `SPILLWAY_NATS_SERVER`, else from the PATH. Throws TestbedError. */
function findNatsServer(env: NodeJS.ProcessEnv = process.env): string {
  const named = env.SPILLWAY_NATS_SERVER;
  const found = findExecutable('nats-server', named, env.PATH);
  if (found) return found;
  const where = named ? `SPILLWAY_NATS_SERVER names ${named}, which can't be run` : 'it is not on the PATH';
  throw new TestbedError(
    'nats-server-missing',
    `nats-server is needed and ${where}: install it (Debian: apt-get install nats-server, macOS: brew install nats-server) or set SPILLWAY_NATS_SERVER to its path`,
  );
}

/**
 * A broker of our own on loopback with JetStream in `folder`, beside which its configuration is written; port -1 takes a
 * free one. `authorization` names its logins; without it anybody may log in.
 */
export function natsServerCommand(
  port: number,
  folder: string,
  logFile: string,
  options: BrokerOptions = defaultBroker,
  authorization = '',
): Command {
  const config = `${folder}.conf`;
  // nats-server refuses options that it doesn't know.
  const text = `jetstream { sync_interval: "${syncInterval(options)}" }\n${authorization}\n`;
  writeFileSync(config, text, { mode: 0o600 });
  let client: number | undefined;
  return {
    name: 'nats',
    file: findNatsServer(),
    args: ['-c', config, '-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder],
    logFile,
    ready(line) {
      client ??= portIn(line);
      return client !== undefined && line.includes('Server is ready') ? { client } : undefined;
    },
  };
}

function portIn(line: string): number | undefined {
  const port = /Listening for client connections on .*:(\d+)/.exec(line)?.[1];
  return port === undefined ? undefined : Number(port);
}
