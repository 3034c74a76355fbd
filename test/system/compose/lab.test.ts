import { statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { testFolder } from '#test/support/folder.ts';
import { withProject } from './with-project.ts';

const project = withProject((one) => one.compose(['--profile', 'lab', 'build', 'lab']));

/** Runs the spillway command in a container, by `docker compose run --rm`, as this user and with a folder of runs. */
const lab = (runs: string, ...args: string[]) => {
  const user = `${process.getuid!()}:${process.getgid!()}`;
  const run = ['run', '--rm', '--no-TTY', '--user', user, 'lab', ...args];
  return project.compose(run, { env: { RUNS: runs } });
};

test('lab says which folder of runs is missing, and makes none that would be root’s', async () => {
  const missing = join(testFolder(), 'missing');
  await expect(lab(missing, 'list')).rejects.toThrow(missing);
  expect(() => statSync(missing)).toThrow('ENOENT');
});

test('lab, which ends without a stop, makes no `up --wait` fail', async () => {
  await project.compose(['--profile', 'lab', 'up', '--wait', 'lab'], { env: { RUNS: testFolder() } });
  expect(await project.compose(['ps', '--all', '--quiet'])).toBe('');
});
