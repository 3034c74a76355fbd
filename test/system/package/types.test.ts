import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '#kit/process/installation.ts';

test('the types of the package need the types of Node or of a browser, not both', () => {
  const files = globSync('lab/library/types/*.d.ts', { cwd: root });
  expect(files).toContain('lab/library/types/netproxy-test.d.ts');
  const options = ['--ignoreConfig', '--noEmit', '--strict', '--types', '', '--lib', 'es2022,dom'];
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const { stdout, status } = spawnSync(process.execPath, [tsc, ...options, ...files], {
    cwd: root,
    encoding: 'utf8',
  });
  expect({ stdout, status }).toEqual({ stdout: '', status: 0 });
});
