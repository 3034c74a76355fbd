import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, onTestFinished, type TestContext, test, vi } from 'vitest';
import { reportBrowser } from '#test/fixtures/opened-report.ts';
import { makeResult } from '#test/fixtures/result.ts';
import { NoDocker, startDaemon } from '#test/support/docker/daemon.ts';
import { root } from '#test/support/docker/versions.ts';
import { fakeDocker, program } from '#test/support/fake-docker.ts';
import { testFolder } from '#test/support/folder.ts';
import { commandLineOf, marker, survivors, withMarker } from '#test/support/marked.ts';
import { smallDisk } from '#test/support/small-disk.ts';
import { until } from '#test/support/until.ts';
import { startVitest } from '#test/support/vitest.ts';
import setUp from './compose/set-up.ts';

withMarker();

afterEach(() => vi.unstubAllEnvs());

/** Makes this machine one without `mount` and `docker`, and allows tests to be skipped. */
function poor(): void {
  vi.stubEnv('PATH', '/nowhere');
  vi.stubEnv('SPILLWAY_SKIP', undefined);
}
const strict = () => vi.stubEnv('SPILLWAY_SKIP', 'never');

test('smallDisk skips the test where none can be mounted, and fails it where nothing may be skipped', () => {
  poor();
  const skip = vi.fn<TestContext['skip']>();
  const context = { skip } as unknown as TestContext;
  smallDisk(context, 64);
  expect(skip).toHaveBeenCalledWith(true, expect.stringMatching(/^no small disk can be mounted here: ./));
  strict();
  expect(() => smallDisk(context, 64)).toThrow('no small disk can be mounted here: ');
});

test('the set-up has the tests in containers skipped where there is no Docker, and fails where nothing may be', async () => {
  poor();
  const provide = vi.fn();
  await setUp({ provide } as never);
  expect(provide).toHaveBeenCalledWith('noDocker', expect.stringMatching(/^docker /));
  strict();
  await expect(setUp({ provide } as never)).rejects.toThrow(NoDocker);
});

/** Puts a `docker` on the PATH that runs a script for a command. */
const dockerThat = (command: 'create' | 'version', script: string) =>
  fakeDocker(`case $1 in\n${command}) ${script} ;;\nesac`);

test('startDaemon takes a daemon that sees the files of this machine', async () => {
  const folder = dockerThat('create', "echo 'Error response from daemon: No such image' >&2; exit 1");
  const end = await startDaemon(folder);
  await expect(end()).resolves.toBeUndefined();
});

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

test('reportBrowser leaves nothing in the home folder', async () => {
  const home = testFolder();
  vi.stubEnv('HOME', home);
  await using browser = await reportBrowser();
  const { page } = await browser.show(makeResult());
  expect(await page.title()).not.toBe('');
  expect(readdirSync(home)).toEqual([]);
});

test('reportBrowser starts what SPILLWAY_CHROMIUM names, and nothing else', async () => {
  vi.stubEnv('SPILLWAY_CHROMIUM', '/nowhere/chromium');
  await expect(reportBrowser()).rejects.toThrow('chromium not found');
});

const hasDisk = () => readFileSync('/proc/mounts', 'utf8').includes(marker);
const hasProgram = () => survivors().some((pid) => /own\/gateway\.ts/.test(commandLineOf(pid)));

/** Runs tests of a file and kills them once `isThere` is true. Resolves when they have left no process and no disk. */
async function killed(
  name: string,
  pattern: string,
  isThere: () => boolean,
  path = process.env.PATH,
): Promise<void> {
  const file = fileURLToPath(new URL(name, import.meta.url));
  const vitest = startVitest({ folder: marker, file, test: pattern, path });
  const patience = { timeout: 50_000 };
  await vi.waitUntil(isThere, patience);
  vitest.kill('SIGTERM');
  const left = () => [...survivors().map(commandLineOf), ...(hasDisk() ? ['a disk'] : [])];
  await vi.waitFor(() => expect(left()).toEqual([]), patience);
}

test('tests that are killed leave no small disk mounted', async (context) => {
  smallDisk(context, 64); // skips the test if no disk can be mounted
  await killed('full-disk.test.ts', 'path rpc', hasDisk);
});

test("tests that are killed leave no program of a user's beside the testbed", async () => {
  await killed('attach.test.ts', "a user's own gateway", hasProgram);
});

test('killed tests leave no containers, and no process that starts more', async () => {
  const asked = join(marker, 'asked');
  program(join(marker, 'docker'), `echo "$*" >>${asked}\ncase "$*" in *' build') exec sleep 60 ;; esac`);
  const has = (words: RegExp) => existsSync(asked) && words.test(readFileSync(asked, 'utf8'));
  const path = `${marker}:${process.env.PATH}`;
  await killed('compose/refusals.test.ts', 'pinned version', () => has(/ build$/m), path);
  expect(has(/^compose --project-name spillway-test-\d+-0 down --volumes /m)).toBe(true);
});
