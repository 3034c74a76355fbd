import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { refusalOf } from '#kit/process/fs-errors.ts';
import { TestbedError } from '#lab/errors/testbed-error.ts';

/** Creates a folder whose name begins with `prefix`. Throws TestbedError. */
export function temporaryFolder(prefix: string): string {
  try {
    return mkdtempSync(join(tmpdir(), prefix));
  } catch (error) {
    throw noTemporaryFolder(error);
  }
}

function noTemporaryFolder(cause: unknown): TestbedError {
  const message = `a folder in ${tmpdir()} can't be made: ${refusalOf(cause)}. Set TMPDIR to a folder that can be written`;
  return new TestbedError('no-temporary-folder', message, { cause });
}
