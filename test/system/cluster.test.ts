import { expect, test } from 'vitest';
import { constant, countedExperiment, fault, onPath } from '#test/fixtures/counted.ts';
import { pooledRuns } from '#test/support/pooled.ts';
import { accountedOnCluster } from '#test/support/run-text.ts';

const broker = { servers: 3, replicas: 3, sync: 'interval' } as const;
const run = pooledRuns({ broker });

const perSecond = 50;
const loadMs = 6000;

test('a broker of three servers loses no accepted event, whichever of them are killed', async () => {
  const faults = [
    fault('leader', 'nats-leader', [500, 1000], 'kill'),
    fault('majority', 'nats-majority', [3000, 1000], 'kill'),
  ];
  const text = countedExperiment({
    drainMs: 12_000,
    connections: 1000,
    load: constant(perSecond, loadMs),
    downstream: { model: { kind: 'fixed', latencyMs: 5 } },
    variants: { it: { ...onPath('event', 500), broker } },
    faults,
  });
  const variant = accountedOnCluster(await run(text), (perSecond * loadMs) / 1000);
  expect(variant.lost).toBe(0);
  expect(variant.faults!.map(({ name, took }) => [name, took !== null])).toEqual(
    faults.map(({ name }) => [name, true]),
  );
});
