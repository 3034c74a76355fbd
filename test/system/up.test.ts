import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { stateFolder } from '#lab/testbed/state.ts';
import { listening } from '#test/support/listening.ts';
import { gone, marker, processOf, spillway, survivors, withMarker } from '#test/support/marked.ts';
import { writeExperiment } from '#test/support/small-run.ts';

withMarker();

/** Occupies a port until the test is over. */
const block = (port: number) => listening(createServer(), port);

test('up with other ports and another folder is found by run --engine attach, dlq and down', async () => {
  await block(4110);
  await block(5350);
  const state = join(marker, 'state');
  const env = { SPILLWAY_STATE: state };
  const up = await spillway(['up', '--port-base', '5300'], env).ended();
  expect(up.code).toBe(0);
  expect(up.stdout).toContain('http://127.0.0.1:5310/rpc');
  expect(up.stdout).toMatch(/prometheus needs port 5350, which is in use.* continues without Prometheus\./);
  expect((await fetch('http://127.0.0.1:5311/readyz')).status).toBe(200);
  expect((await spillway(['up'], env).ended()).stdout).toContain('already up');
  const login = join(state, 'consumer-credentials');
  for (const file of [join(state, 'up.json'), login]) expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(up.stdout).not.toContain(readFileSync(login, 'utf8'));
  expect(await spillway(['dlq', 'ls'], env).ended()).toMatchObject({ code: 0 });
  const run = await spillway(['run', '--engine', 'attach', writeExperiment(300)], env).ended();
  expect(run).toMatchObject({ code: 0 });
  expect((await spillway(['down']).ended()).stdout).toBe('No testbed is up.\n');
  expect((await spillway(['down'], env).ended()).stdout).toMatch(/The testbed is down\.\n$/);
  expect([existsSync(join(state, 'up.json')), existsSync(login)]).toEqual([false, false]);
  expect(survivors()).toEqual([]);
});

test('up where its state can not be written says what to set', async () => {
  const state = join(marker, 'a-file');
  writeFileSync(state, '');
  const { code, stderr } = await spillway(['up'], { SPILLWAY_STATE: state }).ended();
  expect([code, stderr]).toEqual([
    104,
    expect.stringMatching(/^cannot write to \S*a-file, .*SPILLWAY_STATE/),
  ]);
});

test('up --foreground goes on without Prometheus, and says which process ended; down says that it ended', async () => {
  const up = spillway(['up', '--foreground']);
  await up.said(/gateway control/);
  process.kill(await processOf(/prometheus .*--config/), 'SIGKILL');
  await up.said(
    /prometheus was killed by SIGKILL; its log is \S+\. The testbed continues without Prometheus\./,
  );
  process.kill(await processOf(/\/gateway\.js/), 'SIGKILL');
  const { code, stderr } = await up.ended();
  const [, log = ''] = /gateway was killed by SIGKILL; its log is (\S+gateway\.log)\n/.exec(stderr) ?? [];
  expect([code, existsSync(log)]).toEqual([1, true]);
  expect(survivors()).toEqual([]);
  const down = await spillway(['down']).ended();
  expect(down.stdout).toMatch(/^The last testbed ended without `down`: .*\nNo testbed is up\.\n$/);
  expect((await spillway(['down']).ended()).stdout).toBe('No testbed is up.\n');
});

/** Writes a fake Prometheus that never becomes ready. Returns its path. */
function neverReady(): string {
  const file = join(marker, 'never-ready');
  writeFileSync(file, '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 });
  return file;
}

test.each<[command: string, signal: NodeJS.Signals, moment: string, process: RegExp]>([
  ['up', 'SIGINT', 'it has started a process', /guardian\.ts/],
  ['up --foreground', 'SIGTERM', 'nats-server runs', /nats-server/],
  ['up', 'SIGINT', 'all but Prometheus runs', /sleep 60/],
  ['up', 'SIGKILL', 'nats-server runs', /nats-server/],
])('%s leaves nothing on %s as soon as %s', async (command, signal, _moment, process) => {
  const up = spillway(command.split(' '), { SPILLWAY_PROMETHEUS: neverReady() });
  await processOf(process);
  if (signal === 'SIGKILL') {
    up.child.kill(signal);
    await gone();
  } else {
    up.interrupt(signal);
    expect(await up.ended()).toMatchObject({ code: 105, stdout: '' });
  }
  expect(survivors()).toEqual([]);
  expect(existsSync(join(stateFolder, 'up.json'))).toBe(false);
});
