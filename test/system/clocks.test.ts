import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { engines } from '#lab/testbed/engines.ts';
import { serviceCommand } from '#lab/testbed/local/commands.ts';
import { type Child, startChild } from '#lab/testbed/process/launch.ts';
import type { ServiceName } from '#lab/topology/names.ts';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { testFolder } from '#test/support/folder.ts';
import { maySkip } from '#test/support/may-skip.ts';
import { accountedEach, runText } from '#test/support/run-text.ts';
import { sharedUp } from '#test/support/up.ts';

const up = sharedUp();

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
  const ahead = { downstream: 3600, gateway: 7, publisher: 100_000, consumer: -500 };
  const folder = testFolder();
  const { start } = engines.attach(await skewed(ahead));
  const event = onPath('event', 5000);
  const text = countedExperiment({
    drainMs: 5000,
    load: constant(100, 1000),
    downstream: { model: { kind: 'fixed', latencyMs: 5 } },
    variants: { rpc: onPath('rpc', 5000), event: { ...event, policies: [{ deadline: {} }] } },
  });
  const result = await runText(text, start, { folder });
  const checks = result.validity.map(({ name }) => name);
  expect(checks).toContain('wall clocks of broker and consumer');
  for (const { self, ...variant } of accountedEach(result, 100)) {
    expect(variant.ledger.checks.filter(({ note }) => note !== '')).toEqual([]);
    const names = Object.keys(ahead) as ServiceName[];
    for (const name of names) {
      const clock = self.clocks!.find(({ process }) => process === name)!;
      expect(Math.abs(clock.offsetMs - ahead[name] * 1000)).toBeLessThan(clock.errorMs);
      expect(clock.errorMs).toBeLessThan(100);
    }
    expect(self.comparedWithinMs).toBeGreaterThan(0.02);
    expect(variant.durationMs).toBeLessThan(60_000);
    const log = readFileSync(join(folder, 'variants', variant.name, 'effects.ndjson'), 'utf8');
    const { startedAtMs } = startOf(join(folder, 'variants', variant.name, 'evidence.ndjson'));
    expect(JSON.parse(log.split('\n')[0]!).atMs - startedAtMs).toBeGreaterThan(3_500_000);
  }
});

/** Returns the summary of a variant's evidence. */
const startOf = (file: string): { startedAtMs: number } =>
  JSON.parse(
    readFileSync(file, 'utf8')
      .split('\n')
      .find((line) => line.startsWith('{"record":"summary"'))!,
  );
