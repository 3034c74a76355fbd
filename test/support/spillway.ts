import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { Guard } from '#lab/world/process/guard.ts';

/** Guard that ends the commands that tests have started, if the tests are killed. */
const guard = new Guard();
const launcher = fileURLToPath(new URL('../../bin/spillway', import.meta.url));

/** Running `spillway` command. */
export interface Spillway {
  readonly child: ChildProcess;
  /** Waits until the output matches. Rejects if the command ends without a match. */
  said(pattern: RegExp): Promise<void>;
  /** Sends the signal to the command and all processes in its foreground, like Ctrl-C in a terminal. */
  interrupt(signal?: NodeJS.Signals): void;
  ended(): Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }>;
}

/** Starts the `spillway` command in a folder, which is also its TMPDIR. */
export function startSpillway(
  args: readonly string[],
  { folder, env = {} }: { folder: string; env?: NodeJS.ProcessEnv },
): Spillway {
  const child = spawn(launcher, args, {
    cwd: folder,
    env: { ...process.env, TMPDIR: folder, ...env },
    detached: true,
  });
  guard.process(child);
  // The testbed runs on after the command `up` has ended.
  if (args[0] === 'up') {
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    onTestFinished(guard.command(['env', ...variables, launcher, 'down']));
  }
  return watch(child);
}

/** Collects the output of a `spillway` command that leads its own process group. */
export function watch(child: ChildProcessWithoutNullStreams): Spillway {
  const text = { stdout: '', stderr: '' };
  const output = new EventEmitter();
  for (const from of ['stdout', 'stderr'] as const) {
    child[from].on('data', (chunk) => {
      text[from] += chunk;
      output.emit('text');
    });
  }
  const closed = once(child, 'close');
  const early = closed.then(() => {
    throw new Error(`spillway ended early: ${text.stderr}`);
  });
  early.catch(() => undefined);
  return {
    child,
    async said(pattern) {
      while (!pattern.test(text.stdout + text.stderr)) await Promise.race([once(output, 'text'), early]);
    },
    interrupt: (signal = 'SIGINT') => void process.kill(-child.pid!, signal),
    async ended() {
      const [code, signal] = await closed;
      return { code, signal, ...text };
    },
  };
}
