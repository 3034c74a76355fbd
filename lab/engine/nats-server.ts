import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Command } from './child.ts';
import { TestbedError } from './errors.ts';

/** The path of nats-server: `SPILLWAY_NATS_SERVER`, else from the PATH or where Debian puts it. */
export function findNatsServer(env: NodeJS.ProcessEnv = process.env): string {
  const named = env.SPILLWAY_NATS_SERVER;
  const folders = [...(env.PATH ?? '').split(delimiter).filter((folder) => folder !== ''), '/usr/sbin'];
  const candidates = named ? [named] : folders.map((folder) => join(folder, 'nats-server'));
  const found = candidates.find(isExecutable);
  if (found) return found;
  const where = named ? `SPILLWAY_NATS_SERVER names ${named}, which can't be run` : 'it is not on the PATH';
  throw new TestbedError(
    'nats-server-missing',
    `nats-server is needed and ${where}: install it (Debian: apt-get install nats-server, macOS: brew install nats-server) or set SPILLWAY_NATS_SERVER to its path`,
  );
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A broker of our own on loopback with JetStream in `folder`; port -1 takes a free one. */
export function natsServerCommand(port: number, folder: string, logFile: string): Command {
  let client: number | undefined;
  return {
    name: 'nats',
    file: findNatsServer(),
    args: ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', folder],
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
