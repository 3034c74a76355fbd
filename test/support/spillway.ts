import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const launcher = fileURLToPath(new URL('../../bin/spillway', import.meta.url));

/** The `spillway` command at work. */
export interface Spillway {
  readonly child: ChildProcess;
  /** Waits until stderr has said something that matches. Rejects when it ends without. */
  said(pattern: RegExp): Promise<void>;
  /** As Ctrl-C in a terminal does: the signal goes to the command and to all that runs in the foreground with it. */
  ctrlC(): void;
  ended(): Promise<{ code: number | null; signal: string | null; stdout: string; stderr: string }>;
}

/** Starts the `spillway` command in a folder, which is its TMPDIR, too. */
export function startSpillway(
  args: readonly string[],
  { folder, env = {} }: { folder: string; env?: NodeJS.ProcessEnv },
): Spillway {
  const child = spawn(launcher, args, {
    cwd: folder,
    env: { ...process.env, TMPDIR: folder, ...env },
    detached: true,
  });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk) => {
    text.stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    text.stderr += chunk;
  });
  const closed = once(child, 'close');
  const early = closed.then(() => {
    throw new Error(`spillway ended early: ${text.stderr}`);
  });
  early.catch(() => undefined);
  return {
    child,
    async said(pattern) {
      while (!pattern.test(text.stderr)) await Promise.race([once(child.stderr, 'data'), early]);
    },
    ctrlC: () => void process.kill(-child.pid!, 'SIGINT'),
    async ended() {
      const [code, signal] = await closed;
      return { code, signal, ...text };
    },
  };
}
