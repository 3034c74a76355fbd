import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { textOf } from '#lab/experiment/read.ts';
import { Pool } from '#lab/explore/pool.ts';
import { temporaryFolder } from '#lab/testbed/process/temporary-folder.ts';
import { ownTmpdir } from '#test/support/folder.ts';

test('temporaryFolder creates another folder each time', () => {
  ownTmpdir();
  const folders = [temporaryFolder('x-'), temporaryFolder('x-')];
  expect(new Set(folders).size).toBe(2);
  expect(folders.every((folder) => existsSync(folder))).toBe(true);
});

test.each<[string, () => unknown]>([
  ['temporaryFolder', () => temporaryFolder('x-')],
  ['Pool, for sweep, tune and search,', () => new Pool({ text: textOf('01-burst') }, 1)],
])('%s names TMPDIR if it does not exist', (_name, make) => {
  const missing = join(ownTmpdir(), 'missing');
  vi.stubEnv('TMPDIR', missing);
  expect(make).toThrow(
    expect.objectContaining({
      name: 'no-temporary-folder',
      message: `a folder in ${missing} can't be made: no such file or folder. Set TMPDIR to a folder that can be written`,
    }),
  );
});
