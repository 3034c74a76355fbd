import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { variantFolder } from '#lab/evidence/folder.ts';
import { evidenceFile, type Of } from '#lab/evidence/format.ts';
import type { ServiceName } from '#lab/kit/topology/names.ts';
import { engines } from '#lab/world/engines.ts';
import { natsServerCommand, serviceCommand } from '#lab/world/local/commands.ts';
import { Guard } from '#lab/world/process/guard.ts';
import { type Child, type Command, startChild } from '#lab/world/process/launch.ts';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { testFolder } from '#test/support/folder.ts';
import { maySkip } from '#test/support/may-skip.ts';
import { accountedEach, runText } from '#test/support/run-text.ts';

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

/** Starts a process, which is killed when the test is over. */
function start(command: Command): Promise<Child> {
  const guard = new Guard();
  onTestFinished(() => guard.release());
  return startChild(command, guard);
}

/** Starts a process whose clock is `seconds` ahead. */
const startAhead = (seconds: number, { file, args, ...command }: Command) =>
  start({ ...command, file: 'unshare', args: [...aheadBy(seconds), file, ...args] });

/** Starts services whose clocks are so many seconds ahead. Resolves with the options to attach to them. */
async function skewed(ahead: Readonly<Record<ServiceName, number>>) {
  const folder = testFolder();
  const broker = await start(natsServerCommand(-1, join(folder, 'jetstream'), join(folder, 'nats.log')));
  const nats = `nats://127.0.0.1:${broker.ports.client}`;
  const startService = async (name: ServiceName, env: Record<string, string>) => {
    const ports = { traffic: 0, control: 0 };
    const command = serviceCommand(name, { config: {}, ports, env, logFile: join(folder, `${name}.log`) });
    const child = await startAhead(ahead[name], command);
    return {
      traffic: `http://127.0.0.1:${child.ports.traffic}`,
      control: `http://127.0.0.1:${child.ports.control}`,
    };
  };
  const downstream = await startService('downstream', { EFFECTS_FILE: join(folder, 'effects.ndjson') });
  const called = { DOWNSTREAM_URL: downstream.traffic };
  const events = { NATS_URL: nats };
  const [gateway, publisher, consumer] = await Promise.all([
    startService('gateway', called),
    startService('publisher', events),
    startService('consumer', { ...called, ...events }),
  ]);
  const urls = {
    gateway: gateway.traffic,
    publisher: publisher.traffic,
    nats,
    'downstream-control': downstream.control,
    'gateway-control': gateway.control,
    'publisher-control': publisher.control,
    'consumer-control': consumer.control,
  };
  return { urls, ownConsumer: false };
}

/** Returns the readings of the clocks in the evidence of a variant. */
function clocksIn(folder: string, variant: string): Of<'clocks'>['processes'] {
  const lines = readFileSync(join(variantFolder(folder, variant), evidenceFile), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line) => JSON.parse(line)).find(({ record }) => record === 'clocks').processes;
}

test('attach measures services with other clocks like those of this machine', async ({ skip }) => {
  if (!hasTimeNamespaces() && maySkip()) skip('needs time namespaces, and root');
  const services = { downstream: 3600, gateway: 7, publisher: 100_000, consumer: behind };
  const options = await skewed(services);
  const event = onPath('event', 60_000);
  const text = countedExperiment({
    deadlineMs: 60_000,
    drainMs: 60_000,
    load: constant(100, 500),
    downstream: { model: { kind: 'fixed', latencyMs: 5 } },
    variants: { rpc: onPath('rpc', 60_000), event: { ...event, policies: [{ deadline: {} }] } },
  });
  const { start } = engines.attach(options);
  const folder = testFolder();
  const result = await runText(text, start, { folder });
  expect(result.validity.map(({ name }) => name)).toContain('wall clocks of broker and consumer');
  for (const { name, self, ledger } of accountedEach(result, 50)) {
    expect(ledger.checks.filter(({ note }) => note !== '')).toEqual([]);
    expect(self.comparedWithinMs).toBeGreaterThan(0.02);
    for (const { process, readings } of clocksIn(folder, name)) {
      const aheadMs = services[process as ServiceName] * 1000;
      expect(Math.abs(readings[0]!.offsetMs - aheadMs)).toBeLessThanOrEqual(readings[0]!.errorMs);
    }
  }
});
