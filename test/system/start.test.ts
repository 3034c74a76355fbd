import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { systemClock } from '#kit/clock.ts';
import { startLocal } from '#lab/world/local/local.ts';
import { ownChildren } from '#test/support/children.ts';
import { testFolder } from '#test/support/folder.ts';
import { listening } from '#test/support/listening.ts';
import { commandLineOf, withMarker } from '#test/support/marked.ts';
import { processes } from '#test/support/process.ts';
import { send } from '#test/support/send.ts';
import { until } from '#test/support/until.ts';

withMarker();

test('a service with an unknown field in its configuration does not start and says why', async () => {
  await expect(processes().start('downstream', { sed: 1 })).rejects.toMatchObject({
    name: 'downstream-start-failed',
    message: expect.stringMatching(/\/sed: unknown field, did you mean seed\?/),
  });
});

test('a service logs no password of a URL', async () => {
  const testbed = processes();
  const env = { DOWNSTREAM_URL: 'http://me:hunter2@127.0.0.1:65536' };
  await expect(testbed.start('gateway', {}, env)).rejects.toMatchObject({ name: 'gateway-start-failed' });
  const log = readFileSync(join(testbed.folder, 'gateway.log'), 'utf8');
  expect(log).toContain('"input":"http://…@127.0.0.1:65536/work"');
  expect(log).not.toContain('hunter2');
});

test('a service whose port is in use does not start and says so', async () => {
  const port = await listening(createServer());
  await expect(processes().start('downstream', {}, { PORT: String(port) })).rejects.toMatchObject({
    name: 'port-in-use',
  });
});

test('a service with a token gives its control port to those who have it, and its health to all', async () => {
  const token = '0123456789abcdef';
  const { controlUrl } = await processes().start(
    'downstream',
    {},
    { CONTROL_HOST: '0.0.0.0', CONTROL_TOKEN: token },
  );
  const status = async (path: string, headers = {}) =>
    (await fetch(`${controlUrl}${path}`, { headers })).status;
  expect(await status('/healthz')).toBe(200);
  expect(await status('/config')).toBe(401);
  expect(await status('/config', { authorization: `Bearer ${token}` })).toBe(200);
});

test('a service goes on with the configuration of run time after a crash, where it has a file for it', async () => {
  const testbed = processes();
  const env = { CONFIG_FILE: join(testbed.folder, 'config.json') };
  const first = await testbed.start('downstream', { seed: 3 }, env);
  const config = (url: string) => fetch(`${url}/config`).then((answer) => answer.json());
  expect(await config(first.controlUrl)).toMatchObject({ seed: 3 });
  await send('PUT', `${first.controlUrl}/config`, { seed: 4 });
  first.kill('SIGKILL');
  await first.ended;
  const second = await testbed.start('downstream', { seed: 3 }, env);
  expect(await config(second.controlUrl)).toMatchObject({ seed: 4 });
});

/** Returns the testbed's running processes that this process has started itself. */
const children = () =>
  ownChildren()
    .map((pid) => ({ pid, command: commandLineOf(pid) }))
    .filter(({ command }) => /nats-server|spillway-bundles|guardian\.ts/.test(command));

test('a start that is ended leaves nothing', async () => {
  const [folder, logFolder] = [testFolder(), testFolder()];
  vi.stubEnv('TMPDIR', folder);
  onTestFinished(() => void vi.unstubAllEnvs());
  const before = children().map(({ pid }) => pid);
  const controller = new AbortController();
  const starting = startLocal({ logFolder, signal: controller.signal });
  const own = () => children().filter(({ pid }) => !before.includes(pid));
  await until(() => own().some(({ command }) => /spillway-bundles/.test(command)));
  controller.abort(new Error('ended'));
  await expect(starting).rejects.toThrow('ended');
  await until(() => own().length === 0);
  expect(readdirSync(folder)).toEqual([]);
});

test('a stop does not wait long for work whose caller has left', async () => {
  const clock: typeof systemClock = {
    ...systemClock,
    // The usual patience with a process never ends.
    after: (ms, act) => systemClock.after(ms === 10_000 ? Number.MAX_VALUE : ms, act),
  };
  const testbed = await startLocal({ logFolder: testFolder(), clock });
  const { control, traffic } = testbed;
  const configured = [
    send('PUT', `${control.downstream}/config`, { model: { kind: 'fixed', latencyMs: 600_000 } }),
    send('PUT', `${control.gateway}/config`, { policies: [{ timeout: { ms: 50 } }] }),
  ];
  expect((await Promise.all(configured)).map(({ status }) => status)).toEqual([200, 200]);
  expect((await send('POST', `${traffic.gateway}/rpc`, { id: 'r0' })).status).toBe(504);
  await testbed.stop(); // the test ends here, or never
});
