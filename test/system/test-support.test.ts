import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { NoDocker, startDaemon } from '#test/support/docker/daemon.ts';
import { root } from '#test/support/docker/versions.ts';
import { fakeDocker, program } from '#test/support/fake-docker.ts';
import { testFolder } from '#test/support/folder.ts';
import { until } from '#test/support/until.ts';

afterEach(() => vi.unstubAllEnvs());

/** Puts a `docker` on the PATH that runs a script for a command. */
const dockerThat = (command: 'create' | 'version', script: string) =>
  fakeDocker(`case $1 in\n${command}) ${script} ;;\nesac`);

test('startDaemon refuses a daemon that does not, as one outside of the container that the tests run in', async () => {
  const why = 'invalid mount config for type "bind": bind source path does not exist: /x';
  const folder = dockerThat('create', `echo '${why}' >&2; echo "Run 'docker create --help'" >&2; exit 125`);
  const started = startDaemon(folder);
  await expect(started).rejects.toThrow(NoDocker);
  await expect(started).rejects.toThrow('it can mount no file of this checkout');
});

test('a daemon whose starter is killed is stopped, which ends its containers, too', async () => {
  const folder = dockerThat('version', 'exit 1');
  const ended = join(folder, 'ended');
  program(
    join(folder, 'dockerd'),
    `trap 'touch ${ended}; kill $!; exit' TERM
echo 'API listen on'
sleep 60 & wait`,
  );
  const script = `process.getuid = () => 0;
const { startDaemon } = await import('#test/support/docker/daemon.ts');
await startDaemon('${folder}');
console.log('started');`;
  const starter = spawn(process.execPath, ['--input-type=module', '-e', script], { cwd: root });
  onTestFinished(() => void starter.kill('SIGKILL'));
  await new Promise((resolve) => starter.stdout.once('data', resolve));
  starter.kill('SIGKILL');
  await until(() => existsSync(ended));
});

test('vitest ends with what failed, where, and how to run it again, and leaves nothing in the home folder', () => {
  const [project, home] = [testFolder(), testFolder()];
  symlinkSync(join(root, 'node_modules'), join(project, 'node_modules'));
  mkdirSync(join(project, 'test/unit'), { recursive: true });
  const failing = "import { expect, test } from 'vitest';\ntest('sum', () => {\n  expect(1).toBe(2);\n});\n";
  for (let index = 0; index <= 10; index += 1) {
    const text = index === 0 ? failing : failing.replace('toBe(2)', 'toBe(1)');
    writeFileSync(join(project, `test/unit/${index}.test.ts`), text);
  }
  const args = ['run', '--root', project, '--config', join(root, 'vitest.config.ts'), '--project', 'unit'];
  const { status, stdout } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/vitest/vitest.mjs'), ...args],
    // Only these variables, since others name the usual folders.
    { env: { PATH: process.env.PATH, NO_COLOR: '1', HOME: home }, encoding: 'utf8' },
  );
  expect(status).toBe(1);
  expect(stdout).toMatch(/^unit +10 passed, 1 failed in [\d.]+ s$/m);
  expect(stdout).toMatch(
    /\nFailed:\n {2}✗ test\/unit\/0\.test\.ts:3 sum: expected 1 to be 2.*\nRun again .*: npx vitest run test\/unit\/0\.test\.ts\n\n10 passed, 1 failed\n$/,
  );
  expect(readdirSync(home)).toEqual([]);
});
