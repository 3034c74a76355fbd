import { expect, test } from 'vitest';
import type { applicationFaults } from '#downstream/faults/config.ts';
import type { VariantResult } from '#lab/result/result.ts';
import { constant, countedExperiment, fault, onPath } from '#test/fixtures/counted.ts';
import { pooledRuns } from '#test/support/pooled.ts';
import { accounted, accountedEach } from '#test/support/run-text.ts';
import { hasFailed, isSlow, type Sign, withoutSign } from '#test/support/seen.ts';

const run = pooledRuns();

/** Returns an experiment with this variant, as text. A fault poisons one request for `poisonedForMs`. */
const experiment = (variant: string, poisonedForMs: number) => `
title: All that downstream can do wrong
seed: 3
deadlineMs: 1000
drainMs: 20000
connections: 1500
warmup: { requests: 100, concurrency: 50 }
load: [{ arrivals: { kind: constant, ratePerSecond: 200, forMs: 4250 } }]
downstream: { model: { kind: congestion, capacityRps: 10000, failureRatio: 0 } }
variants: { ${variant} }
faults:
  - { name: latency, atMs: 0, forMs: 350, target: downstream, fault: { kind: latency, added: { kind: fixed, ms: 300 } } }
  - { name: failure, atMs: 350, forMs: 450, target: downstream, fault: { kind: failure, status: 503, ratio: 0.5 } }
  - { name: slow-errors, atMs: 350, forMs: 450, target: downstream, fault: { kind: slow-errors, ms: 300 } }
  - { name: poison, atMs: 0, forMs: ${poisonedForMs}, target: downstream, fault: { kind: poison, ids: [r100] } }
  - { name: brownout, atMs: 950, forMs: 350, target: downstream, fault: { kind: brownout, capacityFactor: 0.0005 } }
  - { name: slow-body, atMs: 1350, forMs: 400, target: downstream, fault: { kind: slow-body, ms: 150, ratio: 0.5 } }
  - { name: malformed, atMs: 1800, forMs: 350, target: downstream, fault: { kind: malformed, ratio: 0.5 } }
  - { name: truncated, atMs: 2250, forMs: 350, target: downstream, fault: { kind: truncated, ratio: 0.5 } }
  - { name: reset, atMs: 2700, forMs: 350, target: downstream, fault: { kind: reset, ratio: 0.5 } }
  - { name: hang, atMs: 3150, forMs: 900, target: downstream, fault: { kind: hang, ratio: 0.5 } }
validity: { lagP99Ms: 1000, stallMs: 1000, sleepExcessP99Ms: 1000, faultDelayMs: 60000, reason: counts are compared here and no times }
`;

const rpc = 'rpc: { path: rpc, policies: [{ timeout: { ms: 500 } }] }';
/** Variant that tries an event again for at least 4.5 s. All faults except the poison are shorter. */
const event =
  'event: { path: event, policies: [{ timeout: { ms: 200 } }], consumer: { concurrency: 64, redelivery: { maxRetries: 9, backoff: { kind: constant, delayMs: 500, jitter: none } } } }';
const offered = 850;

/** Sign by which the caller sees each fault. A request without a fault doesn't fail, and takes at most 14 ms. */
const signs = {
  latency: isSlow,
  failure: hasFailed,
  'slow-errors': isSlow,
  brownout: hasFailed,
  'slow-body': isSlow,
  malformed: hasFailed,
  truncated: hasFailed,
  reset: hasFailed,
  hang: hasFailed,
} satisfies Record<Exclude<keyof typeof applicationFaults, 'poison' | 'freeze'>, Sign>;

async function runWith(text: string, folder = run.newFolder()): Promise<VariantResult> {
  const variant = accounted(await run(text, { folder }), offered);
  const { faults, lost } = variant;
  expect(lost).toBe(0);
  // A timer of Node may fire 1 ms early.
  expect(faults?.filter(({ took, asked }) => !took || took.fromMs <= asked.fromMs - 1)).toEqual([]);
  return variant;
}

test('every fault of downstream begins, ends, and is accounted for with calls', async () => {
  const folder = run.newFolder();
  // Without retries, each affected attempt is seen by a caller.
  expect(await withoutSign(folder, await runWith(experiment(rpc, 600), folder), signs)).toEqual([]);
});

test('every fault of downstream begins, ends, and is accounted for with events', async () => {
  const { outcomes, attempts, attemptTimeouts } = await runWith(experiment(event, 8000));
  // By redelivery, every event completes that is not poisoned.
  expect(outcomes.dead).toBe(1);
  expect(outcomes.ok + outcomes.late).toBe(offered - 1);
  // Downstream did some work twice, since its answer was lost or came too late.
  expect(attemptTimeouts).toBeGreaterThan(0);
  expect(attempts).toBeGreaterThan(offered + 20);
});

test('a full stream drops the events published meanwhile and no other, and calls are not affected', async () => {
  const result = await run(
    countedExperiment({
      load: constant(200, 1800),
      downstream: { model: { kind: 'fixed', latencyMs: 5 } },
      variants: { events: onPath('event', 500), calls: onPath('rpc', 500) },
      faults: [fault('full', 'nats', [600, 800], 'stream-full')],
    }),
  );
  const [events, calls] = accountedEach(result, 360);
  const { ok, late, dropped } = events!.outcomes;
  expect([events!.lost, ok + late + dropped]).toEqual([0, 360]);
  const during = events!.windows!.find(({ name }) => name === 'during full')!;
  // Not all events of this window were dropped: an event scheduled just before the fault's end may be published later.
  expect(during.outcomes.dropped).toBeGreaterThan(0.5 * during.offered);
  expect(dropped).toBeLessThan(1.5 * during.offered);
  expect(calls!.outcomes.ok + calls!.outcomes.late).toBe(360);
});

test('a deleted consumer is recreated, and each event is either completed or dead-lettered', async () => {
  const times = [500, 900, 1300, 1700];
  const result = await run(
    countedExperiment({
      load: constant(200, 2000),
      downstream: { idempotent: false, model: { kind: 'fixed', latencyMs: 40, failureRatio: 0.4 } },
      drainMs: 20_000,
      variants: {
        events: {
          ...onPath('event', 500),
          consumer: {
            concurrency: 12,
            redelivery: { maxRetries: 1, backoff: { kind: 'constant', delayMs: 10 } },
          },
        },
      },
      faults: times.map((atMs, index) => fault(`gone-${index}`, 'nats', [atMs, 300], 'consumer-deleted')),
    }),
  );
  const { outcomes, lost, effects, faults } = accounted(result, 400);
  expect(lost).toBe(0);
  expect(outcomes.dead).toBeGreaterThan(0);
  expect(outcomes.ok + outcomes.late + outcomes.dead).toBe(400);
  expect(effects.distinct).toBe(outcomes.ok + outcomes.late);
  // The broker delivered events again that were in flight when their consumer was deleted.
  expect(effects.duplicates).toBeGreaterThan(0);
  expect(faults!.filter(({ took }) => took)).toHaveLength(times.length);
});
