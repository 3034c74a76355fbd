import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { startLocal } from '#lab/testbed/local/local.ts';
import { constant, countedExperiment, fault, onPath } from '#test/fixtures/counted.ts';
import { folders } from '#test/support/folder.ts';
import { accounted, restartedIn, runText } from '#test/support/run-text.ts';

const newFolder = folders();
const replicas = { gateway: 2, publisher: 2, consumer: 2, downstream: 2 };
let temporary: string;
beforeAll(() => {
  temporary = mkdtempSync(join(tmpdir(), 'spillway-test-'));
  vi.stubEnv('TMPDIR', temporary);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(temporary, { recursive: true });
});

const perSecond = 100;
/** A fault lasts 200 ms, and is then cleared before the next one begins, also on a slow machine. */
const everyMs = 1500;
type Fault = readonly [kind: string, target: string];

/** Runs a load with one fault after the other. Expects all to be injected and cleared, and the ledger to balance. */
async function runWith(path: 'rpc' | 'event', faults: readonly Fault[]) {
  const loadMs = (faults.length + 1) * everyMs;
  const folder = newFolder();
  const text = countedExperiment({
    replicas,
    drainMs: 8000, // an event whose publish got no answer stays open until its end
    connections: 1000,
    load: constant(perSecond, loadMs),
    downstream: { model: { kind: 'fixed', latencyMs: 20 }, idempotent: false },
    variants: { it: onPath(path, 20_000) },
    faults: faults.map(([kind, target], index) =>
      fault(`${kind}-${target}`, target, [(index + 0.5) * everyMs, 200], kind, {
        ...(kind === 'crash-loop' && { everyMs: 100 }),
      }),
    ),
  });
  const result = await runText(text, (logFolder) => startLocal({ logFolder, replicas }), { folder });
  const variant = accounted(result, (perSecond * loadMs) / 1000);
  expect(variant.lost).toBe(0);
  // A timer of Node may fire 1 ms early.
  for (const { took, asked } of variant.faults!) expect(took!.fromMs).toBeGreaterThan(asked.fromMs - 1);
  expect(variant.faults).toHaveLength(faults.length);
  return variant;
}

test('a run in which processes of the path rpc are killed, stopped and paused accounts for every call', async () => {
  const variant = await runWith('rpc', [
    ['kill', 'gateway-1'],
    ['pause', 'gateway-2'],
    ['stop', 'gateway'],
    ['kill', 'downstream'],
    ['stop', 'downstream-2'],
    ['pause', 'downstream-1'],
  ]);
  const { ok, late, failed, timeout, unknown } = variant.outcomes;
  expect(ok + late + failed + timeout + unknown).toBe(variant.offered);
  expect(variant.effects.distinct).toBeGreaterThanOrEqual(ok + late);
  expect(restartedIn(variant)).toEqual(['gateway-1', 'gateway-2', 'downstream-1', 'downstream-2']);
});

test('a run in which processes of the path event are killed, stopped and paused loses no accepted event', async () => {
  const variant = await runWith('event', [
    ['kill', 'consumer-2'],
    ['kill', 'publisher'],
    ['kill', 'nats'],
    ['pause', 'consumer'],
    ['stop', 'consumer-1'],
    ['pause', 'nats'],
    ['stop', 'publisher-1'],
    ['kill', 'downstream-1'],
    ['crash-loop', 'consumer-1'],
  ]);
  const { ok, late, dropped, unknown, dead, pending } = variant.outcomes;
  expect(ok + late + dropped + unknown + dead + pending).toBe(variant.offered);
  expect(variant.effects.distinct).toBeGreaterThanOrEqual(ok + late);
  const restarted = ['publisher-1', 'publisher-2', 'consumer-1', 'consumer-2', 'downstream-1'];
  expect(restartedIn(variant)).toEqual(restarted);
});

test('a run with crashes leaves nothing in the temp folder', () => {
  expect(readdirSync(temporary)).toEqual([]);
});
