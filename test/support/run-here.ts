import { vi } from 'vitest';
import { exitCodes } from '#lab/kit/errors/exit-codes.ts';
import { InputError } from '#lab/kit/errors/input-error.ts';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';
import { printable } from '#lab/kit/text/printable.ts';

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Runs a command in this process. Resolves with its output and the exit code that `main.ts` would return. */
export async function runHere(command: () => number | Promise<number>) {
  const stdout = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  const stderr = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  const listeners = new Map(signals.map((name) => [name, process.listeners(name)]));
  const ended = async () => ({ code: await command(), thrown: '' });
  try {
    const { code, thrown } = await ended().catch(codeOf);
    const textOf = ({ mock }: typeof stdout) => mock.calls.map(([text]) => text).join('');
    return { code, stdout: textOf(stdout), stderr: textOf(stderr) + thrown };
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
    for (const [name, before] of listeners)
      for (const each of process.listeners(name)) if (!before.includes(each)) process.off(name, each);
  }
}

function codeOf(error: unknown) {
  const isInput = error instanceof InputError;
  if (!isInput && !(error instanceof TestbedError)) throw error;
  return { code: isInput ? exitCodes.badInput : exitCodes.internal, thrown: `${printable(error.message)}\n` };
}
