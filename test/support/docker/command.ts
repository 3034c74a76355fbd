import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Guard } from '#lab/world/process/guard.ts';

const run = promisify(execFile);

interface Options {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Guard that ends the command if this process ends first. */
  readonly guard?: Guard | undefined;
}

/** Thrown when a command fails. The message is the last line of its output. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly output: string;

  constructor(output: string, { cause }: { cause: unknown }) {
    const lines = output.trim().split('\n');
    super(lines.at(-1) || (cause as Error).message, { cause });
    this.output = output;
  }
}

/** Runs a command to its end and resolves with its stdout. Rejects with CommandError. */
export async function command(
  file: string,
  args: readonly string[],
  { cwd, env, guard }: Options = {},
): Promise<string> {
  const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 };
  try {
    const running = run(file, args, options);
    guard?.process(running.child);
    return (await running).stdout;
  } catch (cause) {
    const { stdout = '', stderr = '' } = cause as { stdout?: string; stderr?: string };
    throw new CommandError(stdout + stderr, { cause });
  }
}

export const docker = (...args: string[]): Promise<string> => command('docker', args);

/** Resolves with true if a command ends without an error. */
export const succeeds = (ended: Promise<unknown>): Promise<boolean> =>
  ended.then(
    () => true,
    () => false,
  );
