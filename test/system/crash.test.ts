import { expect, test } from 'vitest';
import { constant, countedExperiment, fault, onPath } from '#test/fixtures/counted.ts';
import { pooledRuns } from '#test/support/pooled.ts';
import { accounted, restartedIn } from '#test/support/run-text.ts';

const replicas = { gateway: 2, publisher: 2, consumer: 2, downstream: 2 };
const run = pooledRuns({ replicas });

/** Time from one fault to the next. Each has its own target, so that none has to wait until another is cleared. */
const everyMs = 500;
type Fault = readonly [kind: string, target: string];

/** Runs a load with one fault after the other. Expects all to be injected, and the ledger to balance. */
async function runWith(path: 'rpc' | 'event', faults: readonly Fault[]) {
  const loadMs = (faults.length + 1) * everyMs;
  const text = countedExperiment({
    replicas,
    drainMs: 8000, // an event whose publish got no answer stays open until its end
    connections: 1000,
    load: constant(100, loadMs),
    downstream: { model: { kind: 'fixed', latencyMs: 20 }, idempotent: false },
    variants: { it: onPath(path, 20_000) },
    faults: faults.map(([kind, target], index) =>
      fault(`${kind}-${target}`, target, [(index + 0.5) * everyMs, 200], kind, {
        ...(kind === 'crash-loop' && { everyMs: 100 }),
      }),
    ),
  });
  const variant = accounted(await run(text), loadMs / 10);
  expect(variant.lost).toBe(0);
  // A timer of Node may fire 1 ms early.
  for (const { took, asked } of variant.faults!) expect(took!.fromMs).toBeGreaterThan(asked.fromMs - 1);
  expect(variant.faults).toHaveLength(faults.length);
  const { ok, late, failed, timeout, dropped, unknown, dead, pending } = variant.outcomes;
  expect(ok + late + failed + timeout + dropped + unknown + dead + pending).toBe(variant.offered);
  expect(variant.effects.distinct).toBeGreaterThanOrEqual(ok + late);
  return variant;
}

test('a run in which processes of the path rpc are killed, stopped and paused accounts for every call', async () => {
  const variant = await runWith('rpc', [
    ['kill', 'gateway-1'],
    ['stop', 'gateway-2'],
    ['kill', 'downstream-2'],
    ['pause', 'downstream-1'],
  ]);
  expect(restartedIn(variant)).toEqual(['gateway-1', 'gateway-2', 'downstream-2']);
});

test('a run in which processes of the path event are killed, stopped and paused loses no accepted event', async () => {
  const variant = await runWith('event', [
    ['kill', 'nats'],
    ['kill', 'consumer-2'],
    ['stop', 'publisher-1'],
    ['pause', 'publisher-2'],
    ['kill', 'downstream-1'],
    ['crash-loop', 'consumer-1'],
  ]);
  expect(restartedIn(variant)).toEqual(['publisher-1', 'consumer-1', 'consumer-2', 'downstream-1']);
});
