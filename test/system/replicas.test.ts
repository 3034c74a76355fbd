import { expect, test } from 'vitest';
import type { Outcome } from '#kit/wire.ts';
import type { VariantResult } from '#lab/result/result.ts';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { pooledRuns } from '#test/support/pooled.ts';
import { accounted, recordIn, restartedIn } from '#test/support/run-text.ts';

const replicas = { gateway: 2, publisher: 2, consumer: 2, downstream: 2 };
const run = pooledRuns({ replicas });

interface Observed extends VariantResult {
  /** Returns the indices of the requests with these outcomes. */
  ended(...outcomes: Outcome[]): number[];
}

/** Runs 300 requests in a second on a path, with this fault named `it`. */
async function runWith(path: 'rpc' | 'event', fault: object, more: object = {}): Promise<Observed> {
  const folder = run.newFolder();
  const text = countedExperiment({
    replicas,
    deadlineMs: 500,
    drainMs: 30_000,
    load: constant(300, 1000),
    downstream: { model: { kind: 'fixed', latencyMs: 10 } },
    variants: { it: onPath(path, 20_000) },
    faults: [{ name: 'it', ...fault }],
    ...more,
  });
  const variant = accounted(await run(text, { folder }), 300);
  const record = recordIn(folder, 'it');
  return {
    ...variant,
    ended: (...outcomes) =>
      record.filter(({ outcome }) => outcomes.includes(outcome as Outcome)).map(({ index }) => index),
  };
}

const during = ({ windows = [] }: VariantResult) => windows.find(({ name }) => name === 'during it')!;

/** True if all indices are even, or all are odd. This is so for one replica, since requests alternate between both. */
const areEverySecond = (indices: readonly number[]): boolean => new Set(indices.map((i) => i % 2)).size === 1;

test('one of two consumers that is killed loses no accepted event, since the other consumer goes on', async () => {
  // The killed consumer returns after the last deadline, so only the other consumer can complete events of this window
  // in time.
  const fault = { atMs: 300, forMs: 1300, target: 'consumer-2', fault: { kind: 'kill' } };
  const result = await runWith('event', fault);
  expect(result.lost).toBe(0);
  expect(result.outcomes.ok + result.outcomes.late).toBe(300);
  expect(result.effects.distinct).toBe(300);
  expect(during(result).outcomes.ok).toBeGreaterThan(0);
  expect(restartedIn(result)).toEqual(['consumer-2']);
  expect(result.self.processes.map(({ name }) => name)).toEqual([
    'generator',
    'publisher-1',
    'publisher-2',
    'consumer-1',
    'consumer-2',
    'downstream-1',
    'downstream-2',
  ]);
});

test('one of two gateways that is killed breaks only the calls whose turn it was', async () => {
  const fault = { atMs: 300, forMs: 300, target: 'gateway-2', fault: { kind: 'kill' } };
  const result = await runWith('rpc', fault);
  const broken = result.ended('failed', 'unknown');
  expect(broken.length).toBeGreaterThan(0);
  expect(areEverySecond(broken)).toBe(true);
  expect(result.outcomes.ok + result.outcomes.late + broken.length).toBe(300);
  expect(restartedIn(result)).toEqual(['gateway-2']);
});

test('a fault of one of two downstreams affects half of the attempts', async () => {
  const fault = { atMs: 0, forMs: 1200, target: 'downstream-2', fault: { kind: 'failure' } };
  const result = await runWith('rpc', fault);
  const { offered, outcomes } = during(result);
  expect(offered).toBeGreaterThan(50);
  // Each of the two gateways alternates between the downstreams, so half of the attempts go to the affected one.
  expect(Math.abs(outcomes.failed - offered / 2)).toBeLessThanOrEqual(2);
  expect(result.outcomes.ok + result.outcomes.late + result.outcomes.failed).toBe(300);
  expect(result.faults).toMatchObject([{ target: 'downstream-2', onPath: true }]);
});

test('work done by two downstreams is a duplicate, found only in the logs of both', async () => {
  const slow = { kind: 'latency', added: { kind: 'fixed', ms: 400 } };
  const fault = { atMs: 0, forMs: 1200, target: 'downstream-2', fault: slow };
  // Downstream completes the work of a timed-out attempt, and the retry mostly does it again at the other downstream.
  const policies = [{ retry: { maxRetries: 1 } }, { timeout: { ms: 200 } }];
  const result = await runWith('rpc', fault, { variants: { it: { path: 'rpc', policies } } });
  expect(result.effects.duplicates).toBeGreaterThan(0);
});

test('one of two publishers that is stopped loses no accepted event, and events whose turn it was are dropped', async () => {
  const fault = { atMs: 300, forMs: 300, target: 'publisher-2', fault: { kind: 'stop' } };
  // The drain is short: an event whose publish got no answer stays open until its end.
  const result = await runWith('event', fault, { drainMs: 2000 });
  const dropped = result.ended('dropped');
  expect(result.lost).toBe(0);
  expect(dropped.length).toBeGreaterThan(0);
  expect(areEverySecond(dropped)).toBe(true);
  expect(result.effects.distinct).toBe(result.outcomes.ok + result.outcomes.late);
});

test('a fault of a service affects all of its processes', async () => {
  const fault = { atMs: 300, forMs: 300, target: 'consumer', fault: { kind: 'kill' } };
  const result = await runWith('event', fault);
  expect(result.lost).toBe(0);
  expect(result.outcomes.ok + result.outcomes.late).toBe(300);
  expect(restartedIn(result)).toEqual(['consumer-1', 'consumer-2']);
});
