import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename, join } from 'node:path';
import { expect, test, vi } from 'vitest';
import { temporaryFolder } from '#lab/world/process/temporary-folder.ts';
import { ownTmpdir } from '#test/support/folder.ts';

test('temporaryFolder creates another folder each time, and removes those of processes that have ended', () => {
  const own = ownTmpdir();
  const { pid } = spawnSync(process.execPath, ['--version']);
  const ended = `x-${hostname()}-${pid}-abcdef`;
  const others = ['x-other-machine-1-abcdef', `x-${hostname()}-results`, `x-${hostname()}-b-${pid}-abcdef`];
  for (const name of [ended, ...others]) mkdirSync(join(own, name));
  const living = [temporaryFolder('x-'), temporaryFolder('x-')];
  expect(readdirSync(own).sort()).toEqual([...living.map((folder) => basename(folder)), ...others].sort());
});

test('temporaryFolder names TMPDIR if it does not exist', () => {
  const missing = join(ownTmpdir(), 'missing');
  vi.stubEnv('TMPDIR', missing);
  expect(() => temporaryFolder('x-')).toThrow(
    expect.objectContaining({
      name: 'no-temporary-folder',
      message: `a folder in ${missing} can't be made: no such file or folder. Set TMPDIR to a folder that can be written`,
    }),
  );
});
