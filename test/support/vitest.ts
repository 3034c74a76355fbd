import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));

/** Starts the tests of a file whose names match, with a folder as their TMPDIR. */
export function startVitest(what: { folder: string; file: string; test: string }): ChildProcess {
  const { PATH, HOME } = process.env; // and nothing of the vitest that runs us
  const env = { PATH, HOME, TMPDIR: what.folder };
  return spawn(process.execPath, [vitest, 'run', what.file, '--testNamePattern', what.test], {
    env,
    stdio: 'ignore',
  });
}
