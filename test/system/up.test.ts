import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { listening } from '#test/support/listening.ts';
import { gone, marker, processOf, spillway, survivors, withMarker } from '#test/support/marked.ts';
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

test('up is found by run --engine attach, dlq and down, and goes on where the port of Prometheus is in use', async () => {
  await listening(createServer(), base + 50);
  const { code, stdout } = await up().ended();
  expect(code).toBe(0);
  expect(stdout).toContain(`http://127.0.0.1:${base + 10}/rpc`);
  const without = `prometheus needs port ${base + 50}, which is in use.* continues without Prometheus\\.`;
  expect(stdout).toMatch(new RegExp(without));
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

test('up --foreground goes on without Prometheus, and says which process ended; down says that it ended', async () => {
  const running = up(' --foreground');
  await running.said(new RegExp(`prometheus +http://127.0.0.1:${base + 50}`));
  process.kill(await processOf(/prometheus .*--config/), 'SIGKILL');
  await running.said(
    /prometheus was killed by SIGKILL; its log is \S+\. The testbed continues without Prometheus\./,
  );
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

/** Writes a fake Prometheus that never becomes ready. Returns its path. */
function neverReady(): string {
  const file = join(marker, 'never-ready');
  writeFileSync(file, '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 });
  return file;
}

test.each<[command: string, signal: NodeJS.Signals, moment: string, process: RegExp]>([
  [' --foreground', 'SIGTERM', 'nats-server runs', /nats-server/],
  ['', 'SIGINT', 'all but Prometheus runs', /sleep 60/],
  ['', 'SIGKILL', 'nats-server runs', /nats-server/],
])('up%s leaves nothing on %s as soon as %s', async (more, signal, _moment, process) => {
  const starting = up(more, { SPILLWAY_PROMETHEUS: neverReady() });
  await processOf(process);
  if (signal === 'SIGKILL') {
    starting.child.kill(signal);
    await gone();
  } else {
    starting.interrupt(signal);
    expect(await starting.ended()).toMatchObject({ code: 105, stdout: '' });
  }
  expect(survivors()).toEqual([]);
  expect(existsSync(stateFile())).toBe(false);
});
