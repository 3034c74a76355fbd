import { spawn } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';
import { NoDocker, startDaemon } from '#test/support/docker/daemon.ts';
import { root } from '#test/support/docker/versions.ts';
import { testFolder } from '#test/support/folder.ts';
import { until } from '#test/support/until.ts';

afterEach(() => vi.unstubAllEnvs());

/** Puts a `docker` on the PATH that runs a script for `create`, or for `version`. */
function withDocker(commands: { create?: string; version?: string }): string {
  const folder = testFolder();
  const cases = Object.entries(commands).map(([command, script]) => `${command}) ${script} ;;`);
  program(join(folder, 'docker'), `case $1 in\n${cases.join('\n')}\nesac`);
  vi.stubEnv('PATH', `${folder}:${process.env.PATH}`);
  return folder;
}

const program = (file: string, script: string) =>
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 });

test('startDaemon takes a daemon that sees the files of this machine', async () => {
  const folder = withDocker({ create: "echo 'Error response from daemon: No such image' >&2; exit 1" });
  const end = await startDaemon(folder);
  await expect(end()).resolves.toBeUndefined();
});

test('startDaemon refuses a daemon that does not, as one outside of the container that the tests run in', async () => {
  const why = 'invalid mount config for type "bind": bind source path does not exist: /x';
  const folder = withDocker({ create: `echo '${why}' >&2; echo "Run 'docker create --help'" >&2; exit 125` });
  const started = startDaemon(folder);
  await expect(started).rejects.toThrow(NoDocker);
  await expect(started).rejects.toThrow('it can mount no file of this checkout');
});

test('a daemon whose starter is killed is stopped, which ends its containers, too', async () => {
  const folder = withDocker({ version: 'exit 1' });
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
