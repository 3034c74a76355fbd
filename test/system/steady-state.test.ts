import { expect, test } from 'vitest';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { pooledRuns } from '#test/support/pooled.ts';

const run = pooledRuns();

/** A gateway is killed after 1.6 s, in a variant that is well and in one in which every other call has failed by then. */
const experiment = countedExperiment({
  deadlineMs: 500,
  load: constant(50, 1900),
  downstream: { model: { kind: 'fixed', latencyMs: 5 } },
  classes: { slow: 0.5, quick: 0.5 },
  variants: {
    well: onPath('rpc', 500),
    unwell: { path: 'rpc', policies: [{ timeout: { ms: 1, class: 'slow' } }] },
  },
  faults: [{ name: 'crash', atMs: 1600, forMs: 200, target: 'gateway', fault: { kind: 'kill' } }],
  steadyState: ['goodput > 80%'],
});

test('faults are injected into a variant in its steady state only, and the other makes the run invalid', async () => {
  const { status, validity, variants } = await run(experiment);
  expect(status).toBe('invalid');
  const [missed, ...others] = validity.filter(({ ok }) => !ok);
  expect(others).toEqual([]);
  expect(missed).toMatchObject({ name: 'steady state missed', variant: 'unwell', measured: 1 });
  expect(missed!.finding).toMatch(
    /before the first fault, so none was injected: goodput\(unwell, 0\.\.600ms\) > 80%/,
  );
  const [well, unwell] = variants;
  const restarted = variants.map(({ self }) => self.processes.filter((each) => each.restarted));
  expect(restarted).toMatchObject([[{ name: 'gateway' }], []]);
  expect(well!.faults).toMatchObject([{ name: 'crash', took: { fromMs: expect.any(Number) } }]);
  expect(unwell!.faults).toMatchObject([{ name: 'crash', took: null }]);
});
