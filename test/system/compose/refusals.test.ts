import { chownSync, globSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { CommandError } from '#test/support/docker/command.ts';
import { pinned, root } from '#test/support/docker/versions.ts';
import { testFolder } from '#test/support/folder.ts';
import { listening } from '#test/support/listening.ts';
import { withProject } from './with-project.ts';

const project = withProject((one) => one.compose(['build']));

const refusal = async (ended: Promise<string>): Promise<string> => {
  const error = await ended.then(
    () => undefined,
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(CommandError);
  return error.message;
};
const up = ['up', '--wait', '--no-build'];

test('a container that crashes in a loop fails `up --wait`, which names it, and says why in its log', async () => {
  const files = ['test/system/compose/crash-loop.yml'];
  onTestFinished(() => project.down());
  const said = await refusal(project.compose(up, { files, env: { CONFIG_downstream: '{' } }));
  expect(said).toMatch(new RegExp(`container ${project.name}-downstream-1 .*(unhealthy|exited)`));
  expect(await project.compose(['logs', 'downstream'])).toContain('CONFIG is not JSON');
});

test.each(['NATS_IMAGE', 'GATEWAY_PORT'])(
  '%s missing in .env is named, and where it is missing',
  async (name) => {
    const said = await refusal(project.compose(['config'], { env: { [name]: '' } }));
    expect(said).toContain(`required variable ${name} is missing a value: `);
    expect(said).toContain('.env');
  },
);

test('a port in use is named, in the words of docs/how-to/containers.md beside the variable to change', async () => {
  const page = readFileSync(`${root}docs/how-to/containers.md`, 'utf8');
  const [, quote = '', number = '', variable = ''] =
    /`([^`]*:(\d+) [^`]*already in use)`[^`]*`\.env`,\s+here `(\w+)`/.exec(page) ?? [];
  expect(pinned(variable)).toBe(number);

  const port = String(await listening(createServer()));
  onTestFinished(() => project.down());
  const said = await refusal(project.compose([...up, 'gateway'], { env: { [variable]: port } }));
  for (const words of quote.replace(number, port).split('…')) expect(said).toContain(words.trim());
});

/** Runs the spillway command in a container, with a folder of runs, by `docker compose run --rm`. */
const lab = (runs: string, args: string[], options: string[] = []) =>
  project.compose(['run', '--rm', '--no-TTY', ...options, 'lab', ...args], { env: { RUNS: runs } });

test('lab writes runs as the owner of their folder, and says if it may not', async () => {
  const folder = testFolder();
  chownSync(folder, 12345, 12346);
  await lab(folder, ['simulate', '--quiet', '05']);
  const [report] = globSync('05-metastable/*/report.html', { cwd: folder });
  expect(statSync(join(folder, report!))).toMatchObject({ uid: 12345, gid: 12346 });
  const refused = lab(folder, ['simulate', '--quiet', '05'], ['--user', '12347:12347']);
  await expect(refused).rejects.toMatchObject({
    output: expect.stringContaining("The user 12347:12347 can't write the folder of runs"),
  });
});

test('lab says which folder of runs is missing, and makes none that would be root’s', async () => {
  const missing = join(testFolder(), 'missing');
  await expect(lab(missing, ['list'])).rejects.toThrow(missing);
  expect(() => statSync(missing)).toThrow('ENOENT');
});

test('lab, which ends without a stop, makes no `up --wait` fail', async () => {
  await project.compose(['--profile', 'lab', 'up', '--wait', 'lab'], { env: { RUNS: testFolder() } });
  expect(await project.compose(['ps', '--all', '--quiet'])).toBe('');
});
