import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { TestbedError } from '#lab/errors/testbed-error.ts';
import type { Guard } from '#lab/testbed/process/guard.ts';

/** Where docker-compose.yml is. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

interface Options {
  /** Ends the command. */
  readonly signal?: AbortSignal | undefined;
  /** Added to the environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Ends the command when the lab is killed. */
  readonly guard?: Guard;
  /** Where one finds out why it failed. */
  readonly log?: string;
}

/**
 * Runs a docker command and resolves with what it prints. Rejects with TestbedError, or with the reason of the signal that
 * ended it; in either case it runs no more.
 */
export async function docker(
  args: readonly string[],
  { signal, env = {}, guard, log }: Options = {},
): Promise<string> {
  signal?.throwIfAborted();
  // A group of its own: Ctrl-C is meant for the lab, and what guards it ends compose, too, which docker runs.
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
    if (code === notFound) throw missing;
    throw refusalOf(stderr, args, log);
  } finally {
    signal?.removeEventListener('abort', end);
  }
}

/** Docker starts only when the lab has lived to name it to its guard. */
const onceGuarded = 'read -r go && exec docker "$@"';

/** Has a container go on that may be paused. */
export async function unpause(id: string): Promise<void> {
  await docker(['unpause', id]).catch(async (error) => {
    const isPaused = await docker(['inspect', '--format', '{{.State.Paused}}', id]);
    if (isPaused.trim() === 'true') throw error;
  });
}

/** A shell's exit code for a command that is not there. */
const notFound = 127;

const missing = new TestbedError(
  'docker-missing',
  'docker is needed and not on the PATH: install Docker Engine and compose (Debian: apt-get install docker.io docker-compose)',
);

function refusalOf(stderr: string, args: readonly string[], log: string | undefined): TestbedError {
  for (const { pattern, name, toDo } of refusals) {
    const match = pattern.exec(stderr);
    if (match) return new TestbedError(name, toDo(match[1] ?? ''));
  }
  return new TestbedError(
    'docker-failed',
    `docker ${args[0]}: ${lastLine(stderr)}${log ? `; see ${log}` : ''}`,
  );
}

/** Why Docker can do nothing at all, by what it says, and what to do about it. */
const refusals = [
  {
    pattern: /cannot connect to the docker daemon at (\S+?)\.?(?:\s|$)/i,
    name: 'docker-unreachable',
    toDo: (at: string) =>
      `no Docker daemon answers at ${at}: start it (systemctl start docker), or set DOCKER_HOST`,
  },
  {
    pattern: /permission denied while trying to connect/i,
    name: 'docker-forbidden',
    toDo: () =>
      'this user may not use Docker: add it to the group docker (adduser NAME docker) and log in anew',
  },
];

const lastLine = (text: string): string => text.trim().split('\n').at(-1) || 'it said nothing';

const versionNeeded = [2, 24];

/** Rejects with TestbedError where containers can't be reached, or compose is missing or too old for the compose files. */
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
  const [majorNeeded = 0, minorNeeded = 0] = versionNeeded;
  if (major < majorNeeded || (major === majorNeeded && minor < minorNeeded))
    throw new TestbedError('compose-too-old', needed(`this is ${text.trim()}`));
  // It answers without a daemon; this doesn't.
  await docker(['version', '--format', '{{.Server.Version}}'], { signal });
}

const needed = (got: string): string =>
  `docker compose ${versionNeeded.join('.')} or newer is needed, and ${got}: install it (Debian: apt-get install docker-compose)`;
