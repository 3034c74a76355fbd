import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { root, version } from '#kit/process/installation.ts';
import { buildPackage } from '#lab/build/package/build-package.ts';
import { startOf } from '#lab/world/process/proc.ts';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { rolldownMinified } from '#test/support/minified.ts';

const base = mkdtempSync(join(tmpdir(), 'spillway-package-'));
const [built, user] = [join(base, 'built'), join(base, 'user')];
const installed = join(user, 'node_modules/spillway');
let tarball: string;

interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly uid?: number | undefined;
}

/** Runs a program in the user's folder, with nothing of the checkout in its environment. */
function run(file: string, args: readonly string[], { cwd = user, env = {}, uid }: RunOptions = {}) {
  const own = {
    PATH: `${join(process.execPath, '..')}:/usr/bin:/bin`,
    HOME: base,
    TMPDIR: base,
    npm_config_cache: join(base, 'cache'),
    npm_config_offline: 'true',
    npm_config_audit: 'false',
    npm_config_update_notifier: 'false',
    NO_COLOR: '1',
  };
  const { status, stdout, stderr } = spawnSync(file, args, {
    cwd,
    ...(uid !== undefined && { uid, gid: uid }),
    env: { ...own, ...env },
    encoding: 'utf8',
  });
  return { status, stdout, stderr };
}

const spillway = (args: readonly string[], options?: RunOptions) =>
  run(process.execPath, [join(installed, 'bin/spillway.cjs'), ...args], options);

/**
 * Hashes of a run's files by their names, without the run's first record, the checksum over it, and what is made of the
 * evidence.
 */
function evidenceIn(out: string): Record<string, string> {
  const [run] = globSync('*/*', { cwd: out });
  const files = globSync('**/*', { cwd: join(out, run!) }).filter(
    (file) => statSync(join(out, run!, file)).isFile() && !/^(result|report|junit)\./.test(file),
  );
  return Object.fromEntries(
    files.sort().map((file) => {
      const text = readFileSync(join(out, run!, file), 'latin1');
      const compared =
        file === 'evidence.ndjson' ? text.replace(/^.*\n/, '').replace(/"checksum":"\w+"/, '') : text;
      return [file, createHash('sha256').update(compared).digest('hex')];
    }),
  );
}

/** Returns a module with all experiments of the course, for the compiler. */
function courseAsCode(): string {
  const all = globSync('experiments/*.yaml', { cwd: root }).map((file) =>
    readFileSync(join(root, file), 'utf8'),
  );
  expect(all.length).toBeGreaterThan(15);
  const list = JSON.stringify(all.map((text) => parse(text)));
  return `import type { Experiment } from 'spillway';\nexport const course: readonly Experiment[] = ${list};\n`;
}

beforeAll(async () => {
  await buildPackage(built);
  const packed = run('npm', ['pack', '--pack-destination', base], { cwd: built });
  expect(packed).toMatchObject({ status: 0 });
  tarball = join(base, packed.stdout.trim().split('\n').at(-1)!);
  mkdirSync(user);
  writeFileSync(join(user, 'package.json'), '{ "private": true, "type": "module" }');
  expect(run('npm', ['install', tarball])).toMatchObject({ status: 0 });
}, 120_000);
afterAll(() => rmSync(base, { recursive: true, force: true }));

describe('the package', () => {
  test('is at most 3 MB, and 12 MB when unpacked', () => {
    const bytes = globSync('**/*', { cwd: installed })
      .map((file) => statSync(join(installed, file)))
      .reduce((sum, stats) => sum + (stats.isFile() ? stats.size : 0), 0);
    expect(statSync(tarball).size).toBeLessThanOrEqual(3e6);
    expect(bytes).toBeGreaterThan(3e6);
    expect(bytes).toBeLessThanOrEqual(12e6);
  });

  test('needs no other package, and runs nothing when it is installed', () => {
    expect(readdirSync(join(user, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual([
      'spillway',
    ]);
    const manifest = JSON.parse(readFileSync(join(installed, 'package.json'), 'utf8'));
    expect(manifest.engines).toEqual({ node: '>=22.19' });
    expect(manifest).not.toHaveProperty('scripts');
    expect(manifest).not.toHaveProperty('dependencies');
  });

  test('is published by the scripts of the release workflow, as a dry run', () => {
    const { npm } = parse(readFileSync(join(root, '.github/workflows/release.yml'), 'utf8')).jobs;
    const scripts = npm.steps
      .filter((step: object) => 'working-directory' in step)
      .map(({ run }: { run: string }) => run);
    const published = join(base, 'published');
    cpSync(built, published, { recursive: true });
    const env = {
      ...{ GITHUB_REPOSITORY: 'someone/spillway', GITHUB_REF_NAME: `v${version}` },
      // No registry answers, and a dry run needs none.
      ...{
        npm_config_registry: 'http://127.0.0.1:9',
        npm_config_fetch_retries: '0',
        npm_config_offline: 'false',
      },
    };
    const done = run('bash', ['-c', `${scripts.join(' && ')} --dry-run`], { cwd: published, env });
    expect(done).toMatchObject({ status: 0, stdout: expect.stringContaining(`+ spillway@${version}`) });
    const tag = version.includes('-') ? 'next' : 'latest';
    expect(done.stderr).toContain(`with tag ${tag} and public access (dry-run)`);
    const { repository } = JSON.parse(readFileSync(join(published, 'package.json'), 'utf8'));
    expect(repository).toEqual({ url: 'git+https://github.com/someone/spillway.git' });
  });

  test('has the licences of all bundled packages, and maps to its sources', () => {
    const licences = readFileSync(join(installed, 'LICENSES.txt'), 'utf8');
    for (const name of ['fastify', 'ajv', 'undici', '@nats-io/jetstream', 'yaml'])
      expect(licences).toMatch(new RegExp(`^${name} \\d.*\\((MIT|ISC|Apache-2.0)\\)\n\n.`, 'm'));
    const map = JSON.parse(readFileSync(join(installed, 'dist/lab.js.map'), 'utf8'));
    expect(map.sources).toContain('../lab/main.ts');
    expect(map.sourcesContent[map.sources.indexOf('../lab/main.ts')]).toBe(
      readFileSync(join(root, 'lab/main.ts'), 'utf8'),
    );
  });
});

describe('the command of the package', () => {
  test('runs by npx', () => {
    expect(run('npx', ['spillway', '--version'])).toMatchObject({ status: 0, stdout: `${version}\n` });
  });

  test('simulates to the same evidence as the sources', () => {
    cpSync(join(root, 'experiments/05-metastable.yaml'), join(user, 'mine.yaml'));
    const args = ['simulate', '--seed', '3', '--quiet', '--only', 'budget', 'mine.yaml', '--out'];
    expect(spillway([...args, 'bundled'])).toMatchObject({ status: 0 });
    expect(run(process.execPath, [join(root, 'lab/main.ts'), ...args, 'sources'])).toMatchObject({
      status: 0,
    });
    const bundled = evidenceIn(join(user, 'bundled'));
    expect(Object.keys(bundled).length).toBeGreaterThan(3);
    expect(bundled).toEqual(evidenceIn(join(user, 'sources')));
  });

  test('explores in threads, and judges, compares, plays and begins experiments', () => {
    const vary = ['--only', 'budget', '--vary', 'deadlineMs=500,1000', '--seeds', '2', '--out', 'sweeps'];
    expect(spillway(['sweep', 'mine.yaml', ...vary])).toMatchObject({ status: 0 });
    expect(globSync('sweeps/**/*.html', { cwd: user })).toHaveLength(1);
    const [run] = globSync('bundled/*/*', { cwd: user });
    expect(spillway(['judge', run!, '--out', 'judged']).status).toBe(0);
    expect(spillway(['compare', run!, run!]).status).toBe(0);
    expect(spillway(['play', 'mine.yaml'])).toMatchObject({ status: 0, stderr: '' });
    expect(readFileSync(join(user, 'runs/play.html'), 'utf8')).toContain(
      '<script type="text/plain" id="worker">',
    );
    const { stdout } = spillway(['init', 'first']);
    expect(stdout).toContain('npx spillway run --slow-motion auto first.yaml');
    expect(spillway(['validate', 'first.yaml']).status).toBe(0);
    expect(readFileSync(join(user, 'first.yaml'), 'utf8')).toContain(
      '$schema=node_modules/spillway/experiments/schema.json',
    );
  });

  test('runs an experiment on real sockets, with one process per service, and writes its report', () => {
    const text = countedExperiment({
      load: constant(50, 1000),
      downstream: { model: { kind: 'fixed', latencyMs: 5 } },
      variants: { calls: onPath('rpc', 1000), events: onPath('event', 1000) },
    });
    writeFileSync(join(user, 'small.yaml'), text);
    const { status, stdout, stderr } = run('npx', [
      'spillway',
      'run',
      '--no-predict',
      'small.yaml',
      '--out',
      'small',
    ]);
    expect(status, stdout + stderr).toBe(0);
    const [report] = globSync('small/small/*/report.html', { cwd: user });
    expect(readFileSync(join(user, report!), 'utf8')).toContain('clipboard'); // a script of the page, which is a file of the package
  });
});

test('the package has each source map that its code refers to', () => {
  const referring = globSync('**/*.{js,cjs}', { cwd: installed }).flatMap((file) => {
    const text = readFileSync(join(installed, file), 'utf8');
    const map = /^\/\/# sourceMappingURL=(.*)$/m.exec(text)?.[1];
    return map === undefined ? [] : [{ file, map }];
  });
  expect(referring.length).toBeGreaterThan(50);
  const lost = referring.filter(({ file, map }) => !existsSync(join(installed, dirname(file), map)));
  expect(lost).toEqual([]);
});

describe('spillway/policies', () => {
  const bundled = (code: string) => {
    const file = join(user, 'bundle-me.js');
    writeFileSync(file, code);
    return rolldownMinified(file);
  };

  test('is at most 28 kB when minified, less for a single policy, and imports nothing', async () => {
    const all = await bundled("export * from 'spillway/policies';");
    const one = await bundled(
      "import { guard, timeout } from 'spillway/policies'; guard([timeout({ ms: 5 })]);",
    );
    expect(all.length).toBeLessThanOrEqual(28_000);
    expect(all).not.toMatch(/\bimport\b|\brequire\b|\bprocess\b|\bBuffer\b/);
    expect(one.length).toBeLessThan(all.length * 0.7);
  });

  test('adds nothing to a bundle that doesn’t use it', async () => {
    expect(await bundled("import 'spillway/policies';")).toBe('');
  });
});

test('a user’s Vitest has policies around fetch, and simulations', () => {
  for (const name of ['vitest', 'typescript', '@types'])
    symlinkSync(join(root, 'node_modules', name), join(user, 'node_modules', name));
  cpSync(join(root, 'test/fixtures/package/user.ts'), join(user, 'user.test.ts'));
  writeFileSync(join(user, 'course.ts'), courseAsCode());
  cpSync(join(root, 'test/fixtures/package/tsconfig.json'), join(user, 'tsconfig.json'));
  const vitest = run(process.execPath, [join(root, 'node_modules/vitest/vitest.mjs'), 'run']);
  expect(vitest.stdout + vitest.stderr).toMatch(/Tests +5 passed/);
  const types = run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', '.']);
  expect(types).toMatchObject({ stdout: '', status: 0 });
});

describe('where something is missing', () => {
  test('the build leaves a folder alone that has files', () => {
    const ran = run(process.execPath, [join(root, 'lab/build/package/build-package.ts'), user]);
    expect(ran).toEqual({
      status: 104,
      stdout: '',
      stderr: `expected an empty or new folder, got ${user}\n`,
    });
  });

  test.each(['18.20.0', '22.18.0'])('Node %s is told which one is needed', (node) => {
    const older = join(base, 'older-node.cjs');
    writeFileSync(
      older,
      `Object.defineProperties(process, { version: { value: 'v${node}' }, versions: { value: { node: '${node}' } } });`,
    );
    const env = { NODE_OPTIONS: `--require ${older}` };
    expect(spillway(['--version'], { env })).toEqual({
      status: 1,
      stdout: '',
      stderr: `spillway: expected Node 22.19 or newer, found v${node}\n`,
    });
  });

  test('without nats-server, demo says how to get it', () => {
    const env = { SPILLWAY_NATS_SERVER: '/nowhere/nats-server' };
    const { status, stdout } = spillway(['demo', '--out', 'no-nats'], { env });
    expect(status).toBe(1);
    expect(stdout).toContain('install it (Debian: apt-get install nats-server');
  });

  test('a testbed of another version is named, and can be taken down', async () => {
    const state = join(base, '.local/state/spillway');
    mkdirSync(state, { recursive: true });
    const testbed = spawn('sleep', ['60']);
    const ended = once(testbed, 'exit');
    const started = startOf(testbed.pid!);
    writeFileSync(join(state, 'up.json'), JSON.stringify({ pid: testbed.pid, started, spillway: '0.0.1' }));
    const { status, stderr } = spillway(['up']);
    expect(status).toBe(104);
    expect(stderr).toBe(
      `a testbed of Spillway 0.0.1 is up (process ${testbed.pid}), and this is Spillway ${version}: take it down first with npx spillway down, or set SPILLWAY_STATE to another folder\n`,
    );
    expect(spillway(['down'])).toMatchObject({ status: 0, stdout: 'The testbed is down.\n' });
    expect(await ended).toEqual([null, 'SIGTERM']);
  });
});

describe('in a folder of another user', () => {
  // Root may write everywhere, so it becomes nobody.
  const uid = process.getuid?.() === 0 ? 65_534 : undefined;
  const [foreign, closed] = [join(base, 'foreign'), join(base, 'closed')];
  const within = (cwd: string) => ({ cwd, uid, env: { HOME: foreign, TMPDIR: tmpdir() } });
  beforeAll(() => {
    chmodSync(base, 0o755);
    mkdirSync(foreign);
    mkdirSync(closed);
    chmodSync(foreign, 0o555);
    chmodSync(closed, 0);
  });

  test('simulate names --out', () => {
    expect(spillway(['simulate', '05'], within(foreign))).toEqual({
      status: 104,
      stdout: '',
      stderr: `cannot create ${foreign}/runs: permission denied; name a folder that can be written with --out\n`,
    });
  });

  test('the experiments of the course are found', () => {
    expect(spillway(['validate', '05'], within(closed))).toMatchObject({ status: 0 });
  });
});

test('the compose engine builds its image from the package', () => {
  const bin = join(base, 'bin');
  mkdirSync(bin);
  const docker = `#!/bin/sh
echo "$*" >>${bin}/notes
case "$*" in
  "compose version --short") echo 2.40.0 ;;
  *" build "*) exit 1 ;;
esac`;
  writeFileSync(join(bin, 'docker'), docker, { mode: 0o755 });
  const env = { PATH: `${bin}:${join(process.execPath, '..')}:/usr/bin:/bin` };
  expect(spillway(['run', '--engine', 'compose', '--no-predict', '05'], { env }).status).toBe(1);
  const build = readFileSync(join(bin, 'notes'), 'utf8').match(/^compose .* build .*$/m)![0];
  const files = Array.from(build.matchAll(/--file=(\S+)/g), ([, file]) => file!);
  expect(files).toContain(join(installed, 'docker-compose.override.yml'));
  for (const file of files) expect(readFileSync(file, 'utf8')).toContain('services:');
  expect(readFileSync(join(installed, 'Dockerfile'), 'utf8')).toContain(' AS package\n');
});
