import { expect, test } from 'vitest';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { pooledRuns } from '#test/support/pooled.ts';
import { accounted } from '#test/support/run-text.ts';

const run = pooledRuns();
const fault = (name: string, kind: string, atMs: number, forMs: number) => ({
  name,
  atMs,
  forMs,
  target: 'nats',
  fault: { kind },
});

test('a stream that is full drops what comes meanwhile and nothing else, and calls do not notice', async () => {
  const result = await run(
    countedExperiment({
      load: constant(200, 1800),
      downstream: { model: { kind: 'fixed', latencyMs: 5 } },
      variants: { events: onPath('event', 500), calls: onPath('rpc', 500) },
      faults: [fault('full', 'stream-full', 600, 800)],
    }),
  );
  const [events, calls] = result.variants.map((each) => accounted({ ...result, variants: [each] }, 360));
  const { ok, late, dropped } = events!.outcomes;
  expect([events!.lost, ok + late + dropped]).toEqual([0, 360]);
  const during = events!.windows!.find(({ name }) => name === 'during full')!;
  // An event scheduled just before the end may have been published just after it.
  expect(during.outcomes.dropped).toBeGreaterThan(0.5 * during.offered);
  expect(dropped).toBeLessThan(1.5 * during.offered);
  expect(calls!.outcomes.ok + calls!.outcomes.late).toBe(360);
});

test('a deleted consumer is recreated, with each event completed or dead-lettered, and none both', async () => {
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
      faults: times.map((atMs, index) => fault(`gone-${index}`, 'consumer-deleted', atMs, 300)),
    }),
  );
  const { outcomes, lost, effects, faults } = accounted(result, 400);
  expect(lost).toBe(0);
  expect(outcomes.dead).toBeGreaterThan(0);
  expect(outcomes.ok + outcomes.late + outcomes.dead).toBe(400);
  expect(effects.distinct).toBe(outcomes.ok + outcomes.late);
  // Events in flight when the consumer was deleted are delivered again.
  expect(effects.duplicates).toBeGreaterThan(0);
  expect(faults!.filter(({ took }) => took)).toHaveLength(times.length);
});
