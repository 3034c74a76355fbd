import { createHash } from 'node:crypto';
import { chownSync, globSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { version } from '#kit/process/installation.ts';
import { buildPackage } from '#lab/build/package/build-package.ts';
import { command, docker } from '#test/support/docker/command.ts';
import { testFolder } from '#test/support/folder.ts';
import { withProject } from './with-project.ts';

const project = withProject((one) => one.compose(['build']));

const restricted = [
  '--rm',
  '--network=none',
  '--read-only',
  '--cap-drop=ALL',
  '--security-opt=no-new-privileges',
];
const run = (...args: string[]) => docker('run', ...restricted, ...args);

describe('the image', () => {
  test('has the command, which simulates without privileges, a network or a writable image', async () => {
    const said = await run('--tmpfs=/work', project.image, 'simulate', '01');
    expect(said).toMatch(/Report: runs\/01-burst\/\S+\/report\.html/);
    expect((await run('--entrypoint=id', project.image, '-u')).trim()).toBe('1000');
  });

  test('writes runs into a folder of the user who starts it', async () => {
    const folder = testFolder();
    const [uid, gid] = [process.getuid!() || 12345, process.getgid!() || 12345];
    chownSync(folder, uid, gid);
    const own = [`--user=${uid}:${gid}`, `--volume=${folder}:/work`];
    await run(...own, project.image, 'simulate', '--quiet', '05');
    const [report] = globSync('runs/05-metastable/*/report.html', { cwd: folder });
    expect(statSync(join(folder, report!)).uid).toBe(uid);
  });

  test('names its version, and has no sources and no packages beside the package', async () => {
    const label = '{{index .Config.Labels "org.opencontainers.image.version"}}';
    expect((await docker('image', 'inspect', '--format', label, project.image)).trim()).toBe(version);
    const files = await run('--entrypoint=ls', project.image, '/app');
    expect(files).toContain('docker-compose.override.yml');
    expect(files).not.toMatch(/^(services|node_modules|package-lock\.json)$/m);
  });
});

test('docker compose in the folder of the package builds the image from it', async () => {
  const built = join(testFolder(), 'built');
  await buildPackage(built);
  const name = `${project.name}-package`;
  onTestFinished(async () => void (await docker('rmi', '--force', `spillway:${name}`)));
  await command('docker', ['compose', '--project-name', name, 'build', '--quiet'], { cwd: built });
  const sums = await run(
    ...['--workdir=/app', '--entrypoint=find', `spillway:${name}`, '.'],
    ...['-path', './.cache', '-prune', '-o', '-type', 'f', '-exec', 'sha256sum', '{}', '+'],
  );
  const sum = (file: string) =>
    createHash('sha256')
      .update(readFileSync(join(built, file)))
      .digest('hex');
  const files = readdirSync(built, { recursive: true, encoding: 'utf8' }).filter((file) =>
    statSync(join(built, file)).isFile(),
  );
  const expected = files.map((file) => `${sum(file)}  ./${file}`);
  expect(sums.trim().split('\n').toSorted()).toEqual(expected.toSorted());
});
