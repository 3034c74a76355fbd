import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { version } from '#kit/process/installation.ts';
import { findExecutable } from '#lab/world/local/commands.ts';
import { startOf } from '#lab/world/process/proc.ts';
import { program } from '#test/support/fake-docker.ts';
import { until } from '#test/support/until.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Creates a checkout without npm packages, with a fake node and a fake npm on the PATH. */
function checkout({ node = 'v20.12.0', npm = 'exit 1', variables = {} } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'spillway-bin-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const name of ['bin', '.nvmrc', 'package.json', 'package-lock.json'])
    cpSync(join(root, name), join(folder, name), { recursive: true });
  const install = (name: string, lines: string) => program(join(folder, name), lines);
  install('node', `echo ${node}`);
  install('npm', npm);
  install('nats-server', '');
  const run = (command: string, ...args: string[]) => {
    const env = { PATH: `${folder}:/usr/bin:/bin`, ...variables };
    const { status, stdout, stderr } = spawnSync(join(folder, command), args, { env, encoding: 'utf8' });
    return { status, stdout, stderr };
  };
  return { folder, run, install };
}

/** Script that does what `npm ci` would do here: installs a Node, which only prints its version. */
const installed = `mkdir -p node_modules/.bin
printf '#!/bin/sh\\necho v24.0.0\\n' > node_modules/.bin/node
chmod +x node_modules/.bin/node`;

test('spillway runs from another folder and through links', () => {
  const { folder } = checkout();
  symlinkSync(join(root, 'bin/spillway'), join(folder, 'first'));
  symlinkSync('first', join(folder, 'second'));
  const { stdout, status } = spawnSync(join(folder, 'second'), ['--version'], {
    cwd: folder,
    encoding: 'utf8',
  });
  expect({ stdout, status }).toEqual({ stdout: `${version}\n`, status: 0 });
});

test('node24 takes the Node of the PATH when it is new enough', () => {
  expect(checkout({ node: 'v25.2.0' }).run('bin/node24', '-v').stdout).toBe('v25.2.0\n');
});

test('node24 refuses an older one and says what to do', () => {
  expect(checkout({ node: 'v23.9.0' }).run('bin/node24', '-v')).toEqual({
    status: 1,
    stdout: '',
    stderr: "spillway: expected Node 24 or newer, found v23.9.0: run 'npm run setup'\n",
  });
});

const lost = '/nowhere';

type Refusal = [what: string, of: Parameters<typeof checkout>[0], args: string[], message: string];

test.each<Refusal>([
  ...['v20.11.1'].map(
    (node): Refusal => [
      `Node ${node}`,
      { node },
      [],
      `expected Node 20.12 or newer to start from, found ${node}`,
    ],
  ),
  [
    'an unknown argument',
    {},
    ['--browser'],
    "unknown argument '--browser', expected --for-tests, --no-broker, a command or nothing",
  ],
  [
    'a SPILLWAY_NATS_SERVER that is no executable',
    { npm: installed, variables: { SPILLWAY_NATS_SERVER: lost } },
    [],
    "SPILLWAY_NATS_SERVER: expected the path of an executable, got '/nowhere'",
  ],
  [
    'a SPILLWAY_PROMETHEUS that is no executable',
    { npm: installed, variables: { SPILLWAY_CHROMIUM: '/bin/sh', SPILLWAY_PROMETHEUS: lost } },
    ['--for-tests'],
    "SPILLWAY_PROMETHEUS: expected the path of an executable, got '/nowhere'",
  ],
])('setup refuses %s', (_what, of, args, message) => {
  expect(checkout(of).run('bin/setup', ...args)).toMatchObject({ status: 1, stderr: `setup: ${message}\n` });
});

test('setup installs once and is silent from then on', () => {
  const { folder, run, install } = checkout({ npm: installed });
  expect(run('bin/setup')).toEqual({
    status: 0,
    stdout: 'setup: installing npm packages, Node 24 among them (half a minute) …\n',
    stderr: '',
  });
  install('npm', 'exit 1');
  expect(run('bin/setup')).toEqual({ status: 0, stdout: '', stderr: '' });

  writeFileSync(join(folder, 'package-lock.json'), '{}');
  expect(run('bin/setup').stderr).toContain('npm ci failed');
});

test('setup that fails half-way leaves no stamp and starts over', () => {
  const { folder, run, install } = checkout({ npm: `${installed}\nexit 1` });
  const stamp = join(folder, 'node_modules/.spillway-setup');
  expect(run('bin/setup').status).toBe(1);
  expect(existsSync(stamp)).toBe(false);

  install('npm', installed);
  expect(run('bin/setup').status).toBe(0);
  expect(readFileSync(stamp, 'utf8')).toBe(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
});

/** Creates a checkout with everything that the tests need, except Docker: its command fails. */
function withoutDocker() {
  const all = checkout({ npm: installed });
  for (const name of ['chromium', 'prometheus', 'promtool', 'python3', 'kustomize']) all.install(name, '');
  all.install('docker', 'exit 1');
  all.install('sudo', 'shift; exec "$@"');
  all.run('bin/setup');
  return all;
}

test('setup for the tests installs Docker where it is missing, switches its services off, and then is silent', () => {
  const { folder, run, install } = withoutDocker();
  install('systemctl', `echo "$*" >> ${folder}/switched`);
  const fake = `printf '#!/bin/sh\\n' | tee ${folder}/docker ${folder}/dockerd ${folder}/debootstrap >/dev/null
chmod +x ${folder}/*`;
  install('apt-get', `echo "$*" >> ${folder}/asked\n${fake}`);
  const { status, stdout } = run('bin/setup', '--for-tests');
  expect({ status, stdout }).toEqual({
    status: 0,
    stdout:
      'setup: installing the Debian packages docker.io docker-cli docker-buildx docker-compose iptables …\n',
  });
  expect(readFileSync(join(folder, 'asked'), 'utf8')).toMatch(/ install .* docker\.io .* iptables\n$/);
  expect(readFileSync(join(folder, 'switched'), 'utf8')).toContain(
    'disable --now docker.service docker.socket',
  );
  expect(run('bin/setup', '--for-tests')).toEqual({ status: 0, stdout: '', stderr: '' });
});

test('setup for the tests goes on where Docker can not be had, and says what follows', () => {
  const { run, install } = withoutDocker();
  install('apt-get', 'echo no such package; exit 100');
  const { status, stderr } = run('bin/setup', '--for-tests');
  expect(stderr).toContain('no such package\n');
  expect(stderr).toContain('setup: no Docker with compose, so the tests in containers are skipped;');
  expect(status).toBe(0);
});

/** Script of a program that writes its pid and runs until it is stopped. */
const staying = 'echo $$ >part && mv part pid && exec sleep 300';

/** Runs an npm script until its program is up, then ends npm. Resolves with true if the program still runs. */
async function outlives(folder: string, script: string): Promise<boolean> {
  const npm = findExecutable('npm')!;
  const env = { PATH: `${folder}:/usr/bin:/bin`, HOME: folder, npm_config_update_notifier: 'false' };
  const run = spawn(process.execPath, [npm, 'run', script], { cwd: folder, env, stdio: 'ignore' });
  const ended = once(run, 'exit');
  await until(() => existsSync(join(folder, 'pid')));
  run.kill('SIGTERM');
  await ended;
  const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'));
  try {
    // npm forwards the signal and ends without waiting for the program.
    await until(() => startOf(pid) === undefined);
    return false;
  } catch {
    process.kill(pid, 'SIGKILL');
    return true;
  }
}

test('npm run ok that is ended leaves no step behind', async () => {
  const { folder, install } = withoutDocker();
  for (const name of ['apt-get', 'tsc', 'biome', 'knip']) install(name, '');
  install('vitest', staying);
  expect(await outlives(folder, 'ok')).toBe(false);
});
