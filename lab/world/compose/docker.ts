import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { root } from '#kit/process/installation.ts';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';
import type { Guard } from '#lab/world/process/guard.ts';
import { type Launched, launch, niceness } from '#lab/world/process/launch.ts';

interface CommandOptions {
  readonly signal?: AbortSignal | undefined;
  readonly env?: Readonly<Record<string, string>>;
  readonly guard?: Guard;
  /** Log file that error messages refer to. */
  readonly log?: string;
}

/** Runs a docker command and resolves with its output. Rejects with TestbedError, or with the signal's reason. */
export async function docker(
  args: readonly string[],
  { signal, env = {}, guard, log }: CommandOptions = {},
): Promise<string> {
  signal?.throwIfAborted();
  // Starts a separate process group. Ctrl-C doesn't reach it, and the guard can also kill the compose process that
  // docker starts.
  const options = { cwd: root, env: { ...process.env, ...env }, detached: true };
  const child = spawn('/bin/sh', ['-c', onceGuarded, 'sh', ...args], options);
  child.stdin.on('error', () => undefined);
  guard?.process(child);
  child.stdin.write('go\n');
  const end = () => child.kill();
  signal?.addEventListener('abort', end);
  try {
    const [[code], stdout, stderr] = await Promise.all([
      once(child, 'close'),
      text(child.stdout),
      text(child.stderr),
    ]);
    if (code === 0) return stdout;
    signal?.throwIfAborted();
    if (code === notFound)
      throw new TestbedError(
        'docker-missing',
        'docker is required but not on the PATH: install Docker Engine and compose (Debian: apt-get install docker.io docker-compose)',
      );
    const lastLine = stderr.trim().split('\n').at(-1) || 'it gave no reason';
    throw new TestbedError('docker-failed', `docker ${args[0]}: ${lastLine}${log ? `; see ${log}` : ''}`);
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

/** Shell script that starts docker after a line on stdin, so that the guard knows the process before docker runs. */
const onceGuarded = 'read -r go && exec docker "$@"';

/**
 * Pauses a container. Tries again, since cgroup v1 can't freeze a container while a process starts in it, such as its
 * health check (runc pull request 2791).
 */
export async function pause(id: string, tries = 5): Promise<void> {
  await docker(['pause', id]).catch((error) => {
    if (tries === 1 || !/unable to freeze/.test(error.message)) throw error;
    return pause(id, tries - 1);
  });
}

/** Resumes a paused container. Does nothing if the container isn't paused. */
export async function unpause(id: string): Promise<void> {
  await docker(['unpause', id]).catch(async (error) => {
    const isPaused = await docker(['inspect', '--format', '{{.State.Paused}}', id]);
    if (isPaused.trim() === 'true') throw error;
  });
}

/** Exit code of a shell that doesn't find a command. */
const notFound = 127;

const versionNeeded = { major: 2, minor: 24 };

/**
 * Rejects with TestbedError if containers can't be reached from this machine, or if compose is missing or too old for
 * Spillway's files.
 */
export async function requireCompose(signal?: AbortSignal): Promise<void> {
  if (process.platform !== 'linux')
    throw new TestbedError(
      'not-possible',
      `--engine compose needs Linux: on ${process.platform} containers can't be reached from outside`,
    );
  const text = await docker(['compose', 'version', '--short'], { signal }).catch((error: Error) => {
    if (error.name !== 'docker-failed') throw error;
    throw new TestbedError('compose-missing', needed('it is missing'), { cause: error });
  });
  const [major = 0, minor = 0] = text.replace(/^v/, '').split('.').map(Number);
  if (major < versionNeeded.major || (major === versionNeeded.major && minor < versionNeeded.minor))
    throw new TestbedError('compose-too-old', needed(`this is ${text.trim()}`));
  // Also asks the daemon, since `docker compose version` works without a daemon.
  await docker(['version', '--format', '{{.Server.Version}}'], { signal });
}

const needed = (got: string): string =>
  `docker compose ${versionNeeded.major}.${versionNeeded.minor} or newer is required, but ${got}: install it (Debian: apt-get install docker-compose)`;

/** File with the logs of all containers, written when the testbed stops. */
export const containersLog = (logFolder: string): string => join(logFolder, 'containers.log');

/**
 * Reports each end of a project's container, until the returned process is stopped. `onEnd` receives it or, without
 * `service`, the error that docker can't report further ends.
 */
export function watchContainerEnds(
  project: string,
  logFolder: string,
  guard: Guard,
  onEnd: (service: string | undefined, error: TestbedError) => void,
): Launched {
  const filters = [`--filter=label=com.docker.compose.project=${project}`, '--filter=event=die'];
  const events = launch(
    {
      name: 'docker-events',
      file: 'docker',
      args: ['events', '--format={{json .Actor.Attributes}}', ...filters],
      env: process.env as Record<string, string>,
      logFile: join(logFolder, 'docker-events.log'),
    },
    {
      niceness: niceness.testbed,
      onLine(line, from) {
        if (from === 'stderr') return;
        const { 'com.docker.compose.service': service = 'a container', exitCode } = JSON.parse(line);
        const how = `${service} ended with exit code ${exitCode} during the run; its log is in ${containersLog(logFolder)}`;
        onEnd(service, new TestbedError(`${service}-died`, how));
      },
      guard,
    },
  );
  void events.ended.then(({ tail }) => {
    const message = `Docker no longer reports which containers end: ${tail.at(-1) ?? 'it gave no reason'}`;
    onEnd(undefined, new TestbedError('docker-lost', message));
  });
  return events;
}
