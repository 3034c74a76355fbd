import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { stateFolder } from '#lab/testbed/state.ts';
import { listening } from '#test/support/listening.ts';
import { gone, marker, processOf, spillway, survivors, withMarker } from '#test/support/marked.ts';
import { writeExperiment } from '#test/support/small-run.ts';
import { startVitest } from '#test/support/vitest.ts';

withMarker();

const stateFile = join(stateFolder, 'up.json');

/** Environment in which the command finds no Prometheus. */
const withoutPrometheus = { SPILLWAY_PROMETHEUS: '/nowhere' };

/** Occupies a port until the test is over. */
const block = (port: number) => listening(createServer(), port);

test('up says once which port is in use, and what to do', async () => {
  await block(4110);
  const { code, stdout, stderr } = await spillway(['up']).ended();
  expect(stderr).toMatch(
    /^gateway needs port 4110, which is in use\. If another testbed is up, stop it with \S*bin\/spillway down where it was started; otherwise end the program that listens there, or use --port-base\n$/,
  );
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
});

test('up and down, without Prometheus where its port is in use', async () => {
  await block(4150);
  const up = await spillway(['up']).ended();
  expect(up).toMatchObject({ code: 0 });
  expect(up.stdout).toMatch(/prometheus needs port 4150, which is in use.* continues without Prometheus\./);
  expect((await fetch('http://127.0.0.1:4111/readyz')).status).toBe(200);
  expect((await spillway(['up']).ended()).stdout).toContain('already up');
  const login = join(stateFolder, 'consumer-credentials');
  for (const file of [stateFile, login]) expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(up.stdout).toContain(login);
  expect(up.stdout).not.toContain(readFileSync(login, 'utf8'));
  expect(await spillway(['dlq', 'ls']).ended()).toMatchObject({ code: 0 });
  const down = await spillway(['down']).ended();
  expect(down.code).toBe(0);
  expect(down.stdout).toBe('The testbed is down.\n');
  expect([existsSync(stateFile), existsSync(login)]).toEqual([false, false]);
  expect(survivors()).toEqual([]);
  expect((await spillway(['down']).ended()).stdout).toBe('No testbed is up.\n');
});

test('up with other ports, which are all it takes beside a port in use, and with its state where SPILLWAY_STATE says, is found by run --engine attach and by down', async () => {
  await block(4110);
  const env = { SPILLWAY_STATE: join(marker, 'state'), ...withoutPrometheus };
  const { code, stdout } = await spillway(['up', '--port-base', '5300'], env).ended();
  expect(code).toBe(0);
  expect(stdout).toContain('http://127.0.0.1:5310/rpc');
  expect((await fetch('http://127.0.0.1:5311/readyz')).status).toBe(200);
  const run = await spillway(['run', '--engine', 'attach', writeExperiment(300)], env).ended();
  expect(run).toMatchObject({ code: 0 });
  expect((await spillway(['down']).ended()).stdout).toBe('No testbed is up.\n');
  expect((await spillway(['down'], env).ended()).stdout).toBe('The testbed is down.\n');
});

test('up where its state can not be written says why, and what to set', async () => {
  const state = join(marker, 'a-file');
  writeFileSync(state, '');
  const { code, stderr } = await spillway(['up'], { SPILLWAY_STATE: state }).ended();
  expect(code).toBe(104);
  expect(stderr).toMatch(/^cannot write to \S*a-file, .*Set SPILLWAY_STATE to a writable folder\.\n$/);
});

test('up --foreground says which process ended how, and where its log is; the next down says that it ended', async () => {
  const up = spillway(['up', '--foreground'], withoutPrometheus);
  await up.said(/gateway control/);
  process.kill(await processOf(/\/gateway\.js/), 'SIGKILL');
  const { code, stderr } = await up.ended();
  const [, log = ''] = /gateway was killed by SIGKILL; its log is (\S+gateway\.log)\n/.exec(stderr) ?? [];
  expect(existsSync(log)).toBe(true);
  expect(code).toBe(1);
  expect(survivors()).toEqual([]);
  const down = await spillway(['down']).ended();
  expect(down.stdout).toMatch(/^The last testbed ended without `down`: .*\nNo testbed is up\.\n$/);
  expect((await spillway(['down']).ended()).stdout).toBe('No testbed is up.\n');
});

test('up goes on if its Prometheus ends, and says so', async () => {
  const up = spillway(['up', '--foreground']);
  await up.said(/gateway control/);
  process.kill(await processOf(/prometheus .*--config/), 'SIGKILL');
  await up.said(
    /prometheus was killed by SIGKILL; its log is \S+\. The testbed continues without Prometheus\./,
  );
  expect((await fetch('http://127.0.0.1:4111/readyz')).status).toBe(200);
  up.interrupt('SIGINT');
  expect(await up.ended()).toMatchObject({ code: 105 });
});

test('up stops its processes if it can not write its state', async () => {
  const obstacle = join(stateFolder, 'up.json.part');
  mkdirSync(obstacle, { recursive: true });
  onTestFinished(() => rmSync(obstacle, { recursive: true }));
  const { code, stderr } = await spillway(['up']).ended();
  expect(stderr).toContain('up.json.part');
  expect(code).toBe(1);
  expect(survivors()).toEqual([]);
});

const starts: [command: string, signal: NodeJS.Signals, moment: string, process: RegExp][] = [
  ['up', 'SIGINT', 'it has started a process', /guardian\.ts/],
  ['up --foreground', 'SIGTERM', 'nats-server runs', /nats-server/],
  ['up', 'SIGINT', 'all but Prometheus runs', /sleep 60/],
];

/** Writes a fake Prometheus that never becomes ready. Returns its path. */
function neverReady(): string {
  const file = join(marker, 'never-ready');
  writeFileSync(file, '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 });
  return file;
}

test.each(starts)('%s stops its processes on %s as soon as %s', async (command, signal, _moment, process) => {
  const up = spillway(command.split(' '), { SPILLWAY_PROMETHEUS: neverReady() });
  await processOf(process);
  up.interrupt(signal);
  expect(await up.ended()).toMatchObject({ code: 105, stdout: '' });
  expect(survivors()).toEqual([]);
  expect(existsSync(stateFile)).toBe(false);
});

test('up leaves nothing when it is killed before it says that the testbed is up', async () => {
  const up = spillway(['up'], { SPILLWAY_PROMETHEUS: neverReady() });
  await processOf(/nats-server/);
  up.child.kill('SIGKILL');
  await gone();
  expect(existsSync(stateFile)).toBe(false);
});

test('a testbed that tests have brought up goes with them when they are killed', async () => {
  const vitest = startVitest({ folder: marker, file: import.meta.filename, test: '^up and down' });
  const patience = { timeout: 60_000 };
  await vi.waitUntil(() => existsSync(stateFile), patience);
  vitest.kill('SIGTERM');
  await vi.waitUntil(() => survivors().length === 0, patience);
  expect(existsSync(stateFile)).toBe(false);
});
