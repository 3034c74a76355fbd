import { expect, test } from 'vitest';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { pooledRuns } from '#test/support/pooled.ts';

const run = pooledRuns();

/** Two seconds before the gateway is killed, with so many failures. */
const experiment = (failureRatio: number) =>
  countedExperiment({
    deadlineMs: 500,
    load: constant(50, 3000),
    downstream: { model: { kind: 'fixed', latencyMs: 5, failureRatio } },
    variants: { it: onPath('rpc', 500) },
    faults: [{ name: 'crash', atMs: 2000, forMs: 300, target: 'gateway', fault: { kind: 'kill' } }],
    steadyState: ['goodput > 80%'],
  });

test('nothing is broken in a variant that is not in its steady state, and the run is invalid for that alone', async () => {
  const { status, validity, variants } = await run(experiment(0.5));
  expect(status).toBe('invalid');
  const [missed, ...others] = validity.filter(({ ok }) => !ok);
  expect(others).toEqual([]);
  expect(missed).toMatchObject({ name: 'steady state missed', measured: 1 });
  expect(missed!.finding).toMatch(
    /before anything was broken, so nothing was: goodput\(it, 0\.\.1000ms\) > 80%/,
  );
  const [variant] = variants;
  expect(variant!.faults).toMatchObject([{ name: 'crash', took: null }]);
  expect(variant!.self.processes.filter(({ restarted }) => restarted)).toEqual([]);
});

test('in one that is, it is', async () => {
  const { validity, variants } = await run(experiment(0));
  expect(validity.filter(({ ok }) => !ok)).toEqual([]);
  expect(variants[0]!.self.processes.filter(({ restarted }) => restarted)).toMatchObject([
    { name: 'gateway' },
  ]);
});
