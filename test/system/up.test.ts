import { once } from 'node:events';
import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { stateFolder } from '#lab/state.ts';
import { gone, marker, processOf, spillway, survivors } from '#test/support/marked.ts';

const stateFile = join(stateFolder, 'up.json');

test('up, down and a port in use', async () => {
  const blocker = createServer();
  blocker.listen(4110, '127.0.0.1');
  await once(blocker, 'listening');
  const blocked = await spillway(['up']).ended();
  expect(blocked.code).toBe(1);
  expect(blocked.stderr).toContain('gateway');
  blocker.close();
  await once(blocker, 'close');

  const up = await spillway(['up']).ended();
  expect(up).toMatchObject({ code: 0 });
  expect((await fetch('http://127.0.0.1:4111/readyz')).status).toBe(200);
  expect((await spillway(['up']).ended()).stdout).toContain('up already');
  expect(await spillway(['down']).ended()).toMatchObject({ code: 0 });
  expect(survivors()).toEqual([]);
  expect((await spillway(['down']).ended()).stdout).toContain('No testbed is up');
});

test('up stops what it has started when it cannot say where it is', async () => {
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
  ['up --foreground', 'SIGINT', 'it has started a process', /guardian\.ts/],
  ['up', 'SIGINT', 'nats-server runs', /nats-server/],
  ['up --foreground', 'SIGINT', 'nats-server runs', /nats-server/],
  ['up', 'SIGTERM', 'nats-server runs', /nats-server/],
  ['up --foreground', 'SIGTERM', 'nats-server runs', /nats-server/],
  ['up', 'SIGINT', 'the gateway runs', /gateway\/main\.ts/],
  ['up', 'SIGINT', 'all but Prometheus runs', /sleep 60/],
];

/** In place of Prometheus, so that the start has no end. */
function neverReady(): string {
  const file = join(marker, 'never-ready');
  writeFileSync(file, '#!/bin/sh\nexec sleep 60\n', { mode: 0o755 });
  return file;
}

test.each(starts)(
  '%s stops what it has started on %s as soon as %s',
  async (command, signal, _moment, process) => {
    const up = spillway(command.split(' '), { SPILLWAY_PROMETHEUS: neverReady() });
    await processOf(process);
    up.interrupt(signal);
    expect(await up.ended()).toMatchObject({ code: 105, stdout: '' });
    expect(survivors()).toEqual([]);
    expect(existsSync(stateFile)).toBe(false);
  },
);

test('up leaves nothing when it is killed before it says that the testbed is up', async () => {
  const up = spillway(['up'], { SPILLWAY_PROMETHEUS: neverReady() });
  await processOf(/nats-server/);
  up.child.kill('SIGKILL');
  await gone();
  expect(existsSync(stateFile)).toBe(false);
});

test('up --foreground stays until Ctrl-C, and ends with 105', async () => {
  const up = spillway(['up', '--foreground']);
  await up.said(/gateway control/);
  expect((await fetch('http://127.0.0.1:4111/readyz')).status).toBe(200);
  up.interrupt('SIGINT');
  expect(await up.ended()).toMatchObject({ code: 105, stderr: '' });
  expect(survivors()).toEqual([]);
});
