import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { BrokerOptions } from '#lab/kit/topology/broker-options.ts';
import { natsServerCommand } from '#lab/world/local/commands.ts';
import { startLocal } from '#lab/world/local/local.ts';
import { Guard } from '#lab/world/process/guard.ts';
import { startChild } from '#lab/world/process/launch.ts';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { testFolder } from '#test/support/folder.ts';
import { accounted, runText } from '#test/support/run-text.ts';
import { until } from '#test/support/until.ts';

test.each([
  ['interval', { sync_interval: 120e9 }],
  ['always', { sync_interval: 120e9, sync_always: true }],
] as const)('a broker that syncs by %s says so itself', async (sync, expected) => {
  const folder = testFolder();
  await using stack = new AsyncDisposableStack();
  const guard = new Guard();
  stack.defer(() => guard.release());
  const command = natsServerCommand(-1, join(folder, 'jetstream'), join(folder, 'nats.log'), { sync });
  await startChild({ ...command, args: [...command.args, '-m', '-1'] }, guard);
  const log = () => (existsSync(command.logFile) ? readFileSync(command.logFile, 'utf8') : '');
  await until(() => log().includes('Starting http monitor'));
  const port = /Starting http monitor on .*:(\d+)/.exec(log())?.[1];
  const answer = await fetch(`http://127.0.0.1:${port}/jsz?config=true`);
  const { sync_interval, sync_always } = ((await answer.json()) as { config: Record<string, unknown> })
    .config;
  expect({ sync_interval, ...(sync_always !== undefined && { sync_always }) }).toEqual(expected);
});

test('each variant has the broker that it asks for, also after a crash', async () => {
  const event = onPath('event', 500);
  const text = countedExperiment({
    load: constant(100, 400),
    downstream: { model: { kind: 'fixed', latencyMs: 5 } },
    drainMs: 2000,
    variants: { usual: event, synced: { ...event, broker: { sync: 'always' } } },
    faults: [{ name: 'crash', atMs: 100, forMs: 200, target: 'nats', fault: { kind: 'kill' } }],
  });
  const temporary = testFolder();
  vi.stubEnv('TMPDIR', temporary);
  onTestFinished(() => void vi.unstubAllEnvs());
  /** Sync interval that the broker read at each restart. */
  const intervals: string[] = [];
  const result = await runText(text, async (logFolder) => {
    const testbed = await startLocal({ logFolder });
    const { restart } = testbed;
    return Object.assign(testbed, {
      async restart(name: 'nats', config: unknown) {
        await restart.call(testbed, name, config);
        const [file = ''] = globSync(join(temporary, '*', 'jetstream.conf'));
        intervals.push(/"(.*)"/.exec(readFileSync(file, 'utf8'))?.[1] ?? '');
      },
    });
  });
  for (const variant of result.variants) {
    const ofIt = result.validity.filter((check) => check.variant === variant.name);
    accounted({ ...result, validity: ofIt, variants: [variant] }, 40);
  }
  expect(result.variants.map(({ config }) => (config as { broker?: BrokerOptions }).broker?.sync)).toEqual([
    'interval',
    'always',
  ]);
  // The second value is that of the restart between the variants.
  expect(intervals).toEqual(['120s', 'always', 'always']);
});
