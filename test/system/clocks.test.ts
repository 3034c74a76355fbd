import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { joinedFleet } from '#lab/agents/joined.ts';
import { engines } from '#lab/testbed/engines.ts';
import { serviceCommand } from '#lab/testbed/local/commands.ts';
import { Guard } from '#lab/testbed/process/guard.ts';
import { type Child, startChild } from '#lab/testbed/process/launch.ts';
import type { ServiceName } from '#lab/topology/names.ts';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { testFolder } from '#test/support/folder.ts';
import { maySkip } from '#test/support/may-skip.ts';
import { withNats } from '#test/support/nats.ts';
import { pooledRuns } from '#test/support/pooled.ts';
import { accountedEach, runText } from '#test/support/run-text.ts';
import { sharedUp } from '#test/support/up.ts';

const up = sharedUp();
const run = pooledRuns();
const nats = withNats();

const launcher = fileURLToPath(new URL('../../bin/spillway', import.meta.url));

/** Offset of a clock that is behind, in s. At most 500, since a monotonic clock can't be below zero. */
const behind = -Math.min(500, Math.floor(process.hrtime()[0] / 2));

/** Arguments of `unshare` for a process whose monotonic clock is `seconds` ahead of the machine's. */
const aheadBy = (seconds: number) => [
  '--time',
  '--monotonic',
  String(seconds),
  '--boottime',
  String(seconds),
  '--fork',
  '--kill-child=SIGTERM',
];

const hasTimeNamespaces = (): boolean => spawnSync('unshare', [...aheadBy(1), 'true']).status === 0;

/** Starts services with clocks of their own on the broker of the shared testbed. Returns the options to attach to them. */
async function skewed(ahead: Readonly<Record<ServiceName, number>>) {
  const { natsUrl, natsCredentials, consumerLoginFile, guard, kill } = await up();
  await kill('consumer'); // it would take the events of the other consumer
  const folder = testFolder();
  const start = async (name: ServiceName, env: Record<string, string>): Promise<Child> => {
    const ports = { traffic: 0, control: 0 };
    const command = serviceCommand(name, { config: {}, ports, env, logFile: join(folder, `${name}.log`) });
    const args = [...aheadBy(ahead[name]), command.file, ...command.args];
    const child = await startChild({ ...command, file: 'unshare', args }, guard);
    onTestFinished(async () => {
      child.kill('SIGKILL'); // `unshare` ignores SIGTERM
      await child.ended;
    });
    return child;
  };
  const url = (port: number | undefined) => `http://127.0.0.1:${port}`;
  const downstream = await start('downstream', { EFFECTS_FILE: join(folder, 'effects.ndjson') });
  const called = { DOWNSTREAM_URL: url(downstream.ports.traffic) };
  const nats = { NATS_URL: natsUrl, NATS_CREDENTIALS_FILE: consumerLoginFile };
  const gateway = await start('gateway', called);
  const publisher = await start('publisher', nats);
  const consumer = await start('consumer', { ...called, ...nats });
  const urls = {
    gateway: url(gateway.ports.traffic),
    publisher: url(publisher.ports.traffic),
    nats: natsUrl,
    'downstream-control': url(downstream.ports.control),
    'gateway-control': url(gateway.ports.control),
    'publisher-control': url(publisher.ports.control),
    'consumer-control': url(consumer.ports.control),
  };
  return { urls, ownConsumer: false, natsCredentials };
}

test('attach measures services with other clocks like services on this machine', async ({ skip }) => {
  if (!hasTimeNamespaces() && maySkip()) skip('needs time namespaces, and root');
  const ahead = { downstream: 3600, gateway: 7, publisher: 100_000, consumer: behind };
  const { start } = engines.attach(await skewed(ahead));
  const event = onPath('event', 5000);
  const text = countedExperiment({
    drainMs: 5000,
    load: constant(100, 1000),
    downstream: { model: { kind: 'fixed', latencyMs: 5 } },
    variants: { rpc: onPath('rpc', 5000), event: { ...event, policies: [{ deadline: {} }] } },
  });
  const result = await runText(text, start);
  const checks = result.validity.map(({ name }) => name);
  expect(checks).toContain('wall clocks of broker and consumer');
  for (const { self, ledger } of accountedEach(result, 100)) {
    expect(ledger.checks.filter(({ note }) => note !== '')).toEqual([]);
    const names = Object.keys(ahead) as ServiceName[];
    for (const name of names) {
      const clock = self.clocks!.find(({ process }) => process === name)!;
      expect(Math.abs(clock.offsetMs - ahead[name] * 1000)).toBeLessThanOrEqual(clock.errorMs);
    }
    expect(self.comparedWithinMs).toBeGreaterThan(0.02);
  }
});

/** Starts a load agent whose clock is `seconds` ahead. */
async function joinAhead(name: string, seconds: number): Promise<void> {
  const folder = testFolder();
  const guard = new Guard();
  onTestFinished(() => guard.release());
  const args = [launcher, 'agent', '--at', nats.url, '--name', name];
  await startChild(
    {
      name,
      file: 'unshare',
      args: [...aheadBy(seconds), ...args],
      env: { TMPDIR: folder },
      logFile: join(folder, 'agent.log'),
      ready: (line) => (line.includes('has joined') ? {} : undefined),
    },
    guard,
  );
}

test('load agents with other clocks start together, and effects fit their requests', async ({ skip }) => {
  if (!hasTimeNamespaces() && maySkip()) skip('needs time namespaces, and root');
  const ahead = { left: 100_000, right: behind, same: 0 };
  for (const [name, seconds] of Object.entries(ahead)) await joinAhead(name, seconds);
  const fleet = await joinedFleet({ url: nats.url, count: 3 });
  onTestFinished(() => fleet.release());
  const text = countedExperiment({
    drainMs: 5000,
    load: constant(100, 1000),
    downstream: { model: { kind: 'fixed', latencyMs: 5 } },
    variants: { rpc: onPath('rpc', 5000), event: onPath('event', 5000) },
  });
  const result = await run(text, { openGenerator: (place) => fleet.open(place) });
  for (const { self, ledger } of accountedEach(result, 100)) {
    expect(ledger.checks.filter(({ note }) => note !== '')).toEqual([]);
    for (const [name, seconds] of Object.entries(ahead)) {
      const clock = self.clocks!.find(({ process }) => process === `load agent ${name}`)!;
      expect(Math.abs(clock.offsetMs - seconds * 1000)).toBeLessThanOrEqual(clock.errorMs);
      expect(self.comparedWithinMs).toBeGreaterThan(clock.errorMs);
    }
  }
});
