import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { refusalOf } from '#kit/system-errors.ts';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';
import { isAlive } from './proc.ts';

/**
 * Creates a folder whose name begins with `prefix`. Removes those of processes on this machine that were killed. Throws
 * TestbedError.
 */
export function temporaryFolder(prefix: string): string {
  try {
    const own = `${prefix}${hostname()}-`;
    removeOrphans(own);
    return mkdtempSync(join(tmpdir(), `${own}${process.pid}-`));
  } catch (error) {
    throw noTemporaryFolder(error);
  }
}

function removeOrphans(prefix: string): void {
  for (const name of readdirSync(tmpdir())) {
    const [, pid] = (name.startsWith(prefix) && /^(\d+)-\w{6}$/.exec(name.slice(prefix.length))) || [];
    if (pid === undefined || isAlive(Number(pid))) continue;
    try {
      rmSync(join(tmpdir(), name), { recursive: true });
    } catch {
      // It belongs to another user.
    }
  }
}

function noTemporaryFolder(cause: unknown): TestbedError {
  const message = `a folder in ${tmpdir()} can't be made: ${refusalOf(cause)}. Set TMPDIR to a folder that can be written`;
  return new TestbedError('no-temporary-folder', message, { cause });
}
