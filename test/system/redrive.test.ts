import { expect, test } from 'vitest';
import { constant, countedExperiment } from '#test/fixtures/counted.ts';
import { pooledRuns } from '#test/support/pooled.ts';
import { accounted } from '#test/support/run-text.ts';

const ids = (from: number, count: number) => Array.from({ length: count }, (_, i) => `r${from + i}`);
const poison = (name: string, atMs: number, forMs: number, poisoned: readonly string[]) => ({
  name,
  atMs,
  forMs,
  target: 'downstream',
  fault: { kind: 'poison', ids: poisoned },
});
const variants = { it: { path: 'event', consumer: { redelivery: { maxRetries: 0 }, ackWaitMs: 1000 } } };
const run = pooledRuns();

test('an experiment redrives dead letters, and each event counts by its final outcome', async () => {
  const text = countedExperiment({
    load: constant(200, 1500),
    drainMs: 2500,
    downstream: { model: { kind: 'fixed', latencyMs: 1 } },
    variants,
    faults: [poison('for-now', 0, 1500, ids(10, 25)), poison('for-good', 1600, 2400, ids(30, 5))],
    redrives: [
      { atMs: 2000, ratePerSecond: 1000 },
      { atMs: 2500, reasons: ['timeout'] },
    ],
    deadlineMs: 1400,
  });
  const variant = accounted(await run(text), 300);
  expect(variant.outcomes).toMatchObject({ ok: 275, late: 20, dead: 5 });
  expect(variant.redrives).toMatchObject([
    { redriven: 25, left: 0, failure: null, took: { fromMs: expect.any(Number) } },
    { redriven: 0, left: 0, failure: null },
  ]);
  expect(variant.redrives![0]!.took!.fromMs).toBeGreaterThan(1999); // timers round to ms
  expect([variant.lost, variant.recovered, variant.effects.duplicates]).toEqual([0, 0, 0]);
  expect(variant.attempts).toBe(300 + 25);
  // Dead-lettered events are reported again when they complete.
  expect(variant.latency!.maxMs).toBeGreaterThan(1600);
  expect(variant.ledger.checks).toContainEqual(
    expect.objectContaining({
      witnesses: expect.objectContaining({ redriven: 25, 'receipts of the consumer': 25 }),
    }),
  );
});

test('a redrive during which the broker is killed loses nothing and does nothing twice', async () => {
  const text = countedExperiment({
    load: constant(100, 2000),
    drainMs: 6000,
    downstream: { model: { kind: 'fixed', latencyMs: 1 } },
    variants,
    faults: [
      poison('for-now', 0, 700, ids(10, 30)),
      { name: 'crash', atMs: 1500, forMs: 300, target: 'nats', fault: { kind: 'kill' } },
    ],
    redrives: [
      { atMs: 900, ratePerSecond: 20 },
      { atMs: 3300, ratePerSecond: 1000 },
    ],
    deadlineMs: 5000,
  });
  const {
    errors,
    variants: [variant],
  } = await run(text);
  expect(errors).toEqual([]);
  expect(variant!.ledger.checks.filter(({ ok }) => !ok)).toEqual([]);
  expect([variant!.lost, variant!.outcomes.dead]).toEqual([0, 0]);
  const [first, second] = variant!.redrives!;
  expect(first!.redriven).toBeGreaterThan(0);
  expect(first!.redriven + first!.left).toBe(30);
  // The broker may have deleted the one that the first failed at without a word.
  expect(first!.left - second!.redriven).toBeLessThanOrEqual(1);
  expect(second!.left).toBe(0);
});

test('a redrive that the end of the run cuts off makes the run invalid, and what is left stays dead', async () => {
  const text = countedExperiment({
    load: constant(100, 600),
    drainMs: 1000,
    downstream: { model: { kind: 'fixed', latencyMs: 1 } },
    variants,
    faults: [poison('for-now', 0, 400, ids(10, 20))],
    redrives: [{ atMs: 600, ratePerSecond: 5 }],
  });
  const {
    validity,
    exitCode,
    variants: [variant],
  } = await run(text);
  const { redriven, left } = variant!.redrives![0]!;
  expect([redriven + left, left > 0]).toEqual([20, true]);
  expect(variant!.outcomes.dead).toBe(left);
  expect(validity.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(['redrives unfinished']);
  expect(exitCode).toBe(90);
});
