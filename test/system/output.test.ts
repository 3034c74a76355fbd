import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const launcher = fileURLToPath(new URL('../../bin/spillway', import.meta.url));

/** Runs `spillway list`; resolves with its exit code and what it says on stderr. */
async function list(stdout: 'pipe' | number): Promise<{ code: number; stderr: string }> {
  const child = spawn(launcher, ['list'], { stdio: ['ignore', stdout, 'pipe'] });
  child.stdout?.destroy(); // long before it writes
  let stderr = '';
  child.stderr!.on('data', (chunk) => {
    stderr += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, stderr };
}

test('list ends quietly when its output is closed', async () => {
  expect(await list('pipe')).toEqual({ code: 0, stderr: '' });
});

test('list says in one line that its output can not be written', async () => {
  const stderr = 'cannot write the output: no space left on the disk\n';
  expect(await list(openSync('/dev/full', 'w'))).toEqual({ code: 1, stderr });
});
