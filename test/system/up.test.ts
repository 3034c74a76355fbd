import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { marker, processOf, spillway, survivors, withMarker } from '#test/support/marked.ts';
import { writeCalls } from '#test/support/small-run.ts';

withMarker();

/** Base of this file's ports, so that a testbed of the user, or of other tests, can be up. */
const base = 10_000 + 100 * (process.pid % 200);

const state = () => join(marker, 'state');
const stateFile = () => join(state(), 'up.json');

/** Starts the command with a state of its own. */
const own = (command: string, env: NodeJS.ProcessEnv = {}) =>
  spillway(command.split(' '), { SPILLWAY_STATE: state(), ...env });
const up = (more = '', env?: NodeJS.ProcessEnv) => own(`up --port-base ${base}${more}`, env);

test('up is found by run --engine attach, dlq and down', async () => {
  const { code, stdout } = await up().ended();
  expect(code).toBe(0);
  expect(stdout).toContain(`http://127.0.0.1:${base + 10}/rpc`);
  expect((await fetch(`http://127.0.0.1:${base + 11}/readyz`)).status).toBe(200);
  expect((await own('up').ended()).stdout).toContain('already up');
  const login = join(state(), 'consumer-credentials');
  for (const file of [stateFile(), login]) expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(stdout).not.toContain(readFileSync(login, 'utf8'));
  expect(await own('dlq ls').ended()).toMatchObject({ code: 0 });
  expect(await own(`run --engine attach ${writeCalls(300)}`).ended()).toMatchObject({ code: 0 });
  expect((await own('down').ended()).stdout).toMatch(/The testbed is down\.\n$/);
  expect([existsSync(stateFile()), existsSync(login)]).toEqual([false, false]);
  expect(survivors()).toEqual([]);
});

test('up where its state can not be written says what to set', async () => {
  writeFileSync(state(), '');
  const { code, stderr } = await up().ended();
  expect([code, stderr]).toEqual([104, expect.stringMatching(/^cannot write to \S*state, .*SPILLWAY_STATE/)]);
});

test('up --foreground says which process ended, and down that the testbed ended', async () => {
  const running = up(' --foreground');
  await running.said(/The testbed is up/);
  process.kill(await processOf(/\/gateway\.js/), 'SIGKILL');
  const { code, stderr } = await running.ended();
  const [, log = ''] = /gateway was killed by SIGKILL; its log is (\S+gateway\.log)\n/.exec(stderr) ?? [];
  expect([code, existsSync(log)]).toEqual([1, true]);
  expect(survivors()).toEqual([]);
  expect((await own('down').ended()).stdout).toMatch(
    /^The last testbed ended without `down`: .*\nNo testbed is up\.\n$/,
  );
  expect((await own('down').ended()).stdout).toBe('No testbed is up.\n');
});

test.each<[command: string, signal: NodeJS.Signals]>([
  [' --foreground', 'SIGTERM'],
  ['', 'SIGINT'],
])('up%s leaves nothing on %s as soon as nats-server runs', async (more, signal) => {
  const starting = up(more);
  await processOf(/nats-server/);
  starting.interrupt(signal);
  expect(await starting.ended()).toMatchObject({ code: 105, stdout: '' });
  expect(survivors()).toEqual([]);
  expect(existsSync(stateFile())).toBe(false);
});
