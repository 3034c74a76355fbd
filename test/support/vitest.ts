import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const vitest = fileURLToPath(new URL('../../node_modules/vitest/vitest.mjs', import.meta.url));

interface What {
  readonly file: string;
  /** Pattern of the tests' names. */
  readonly test: string;
  /** TMPDIR of the tests. */
  readonly folder: string;
  readonly path?: string | undefined;
}

/** Starts a Vitest process that runs the matching tests of a file. */
export function startVitest(what: What): ChildProcess {
  const { PATH, HOME } = process.env; // without the variables of the vitest that runs this test
  const env = { PATH: what.path ?? PATH, HOME, TMPDIR: what.folder };
  return spawn(process.execPath, [vitest, 'run', what.file, '--testNamePattern', what.test], {
    env,
    stdio: 'ignore',
  });
}
