import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { findExecutable } from '#lab/world/local/commands.ts';
import { Guard } from '#lab/world/process/guard.ts';
import { describeEnding, launch } from '#lab/world/process/launch.ts';
import { type CommandError, docker, succeeds } from './command.ts';

/** Thrown when Docker can't run here. The message says why, and what to do. */
export class NoDocker extends Error {
  override readonly name = 'NoDocker';
}

const installed = (name: string): string => {
  const file = findExecutable(name);
  if (file) return file;
  throw new NoDocker(`${name} is not installed: bin/setup --for-tests does it where it may`);
};

/**
 * Starts a daemon if none runs. Resolves with a function that stops the daemon again, or does nothing if a daemon ran
 * before. Rejects with NoDocker.
 */
export async function startDaemon(folder: string): Promise<() => Promise<void>> {
  installed('docker');
  if (!(await succeeds(docker('compose', 'version'))))
    throw new NoDocker(
      'docker has no command compose: install docker-compose (Debian) or the compose plugin',
    );
  mkdirSync(folder, { recursive: true });
  if (await succeeds(docker('version'))) {
    if (await sees(folder)) return async () => {};
    throw new NoDocker(
      'the Docker daemon that answers is outside of this container, or on another machine: it can mount no file of this checkout',
    );
  }
  if (process.getuid?.() !== 0) throw new NoDocker('no Docker daemon answers, and only root may start one');
  return launchDaemon(installed('dockerd'), folder);
}

/** Resolves with true if the daemon can mount this folder. It checks mounts before it reports the missing image. */
async function sees(folder: string): Promise<boolean> {
  const mount = `type=bind,source=${folder},target=/folder`;
  const refusal = await docker('create', '--pull', 'never', '--mount', mount, 'spillway-no-image').catch(
    (error: CommandError) => error.output,
  );
  return !refusal.includes('bind source path does not exist');
}

async function launchDaemon(file: string, folder: string): Promise<() => Promise<void>> {
  const guard = new Guard();
  const ready = Promise.withResolvers<'ready'>();
  const onLine = (line: string) => {
    if (line.includes('API listen on')) ready.resolve('ready');
  };
  const logFile = join(folder, 'dockerd.log');
  const daemon = launch({ name: 'dockerd', file, args: [], logFile }, { niceness: 0, onLine });
  // `kill` sends SIGTERM. SIGKILL would leave the daemon's containers running.
  const needless = guard.command(['sh', '-c', `kill ${daemon.pid}`]);
  void daemon.ended.then(needless);
  const first = await Promise.race([ready.promise, daemon.ended]);
  if (first !== 'ready') {
    await guard.release();
    throw new NoDocker(`dockerd ${describeEnding(first)}: ${first.tail.at(-1)}; see ${logFile}`);
  }
  return async () => {
    // The daemon stays if another process has started containers on it.
    if ((await docker('ps', '--quiet')) !== '') return needless();
    await daemon.stop();
    await guard.release();
  };
}
