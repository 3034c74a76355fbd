import { test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { capacityOf } from '#lab/experiment/limits/capacity.ts';
import { ceilingOf } from '#lab/experiment/limits/ceiling.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import { overloadedExperiment } from '#test/fixtures/overloaded-experiment.ts';
import { reached } from '#test/support/reached.ts';

const numRuns = Number(process.env.SPILLWAY_PROPERTY_RUNS ?? 20);

test.prop([overloadedExperiment], { numRuns, endOnFailure: true })(
  'ceilingOf any experiment is not exceeded',
  async (experiment) => {
    for (const name of Object.keys(experiment.variants)) {
      const { goodput, ceiling } = await reached(experiment, name);
      expect(goodput).toBeLessThanOrEqual(ceiling);
    }
  },
  600_000,
);

const overloaded = (model: object, bulkhead: object, ratePerSecond: number, forMs = 4000) =>
  parseExperiment(
    JSON.stringify({
      title: 'x',
      deadlineMs: 1000,
      load: [{ arrivals: { kind: 'poisson', ratePerSecond, forMs } }],
      downstream: { model },
      variants: { it: { path: 'rpc', policies: [{ bulkhead }] } },
    }),
    'x.yaml',
  );

const congestion = { kind: 'congestion', capacityRps: 200, baseLatencyMs: 40, jitterMs: 20, failureRatio: 0 };
const constant = { kind: 'queue', servers: 20, serviceMs: 50, service: 'constant' };
const knee = { concurrency: 20, queue: 370 };

test.each([
  ['congestion', overloaded(congestion, knee, 1000)],
  ['queue', overloaded(constant, knee, 1000)],
])('ceilingOf %s is within 3 %% of what a bulkhead of the right size reaches', async (_, experiment) => {
  const { goodput, ceiling } = await reached(experiment, 'it');
  expect(goodput).toBeLessThanOrEqual(ceiling);
  expect(goodput).toBeGreaterThan(0.97 * ceiling);
});

test('ceilingOf random times is lower if the seed determines them', () => {
  const exponential = overloaded({ ...constant, service: 'exponential' }, knee, 500, 20_000);
  const { it } = exponential.variants;
  const known = ceilingOf(exponential, it!);
  const refusing = { ...exponential.downstream, model: { ...exponential.downstream.model, waitingMax: 0 } };
  expect(known).toBeLessThan(
    ceilingOf({ ...exponential, downstream: refusing } as typeof exponential, it!) - 0.01,
  );
});

test('ceilingOf a closed loop is 1, and that of a dependency slower than the deadline is 0', () => {
  const experiment = overloaded({ kind: 'fixed', latencyMs: 1001 }, knee, 10);
  const { it } = experiment.variants;
  expect(ceilingOf(experiment, it!)).toBe(0);
  expect(ceilingOf(experiment, { ...it!, callers: 1 })).toBe(1);
});

test('ceilingOf a span counts only the requests in it, and begins with an idle dependency', () => {
  const experiment = overloaded(constant, knee, 1000);
  const { it } = experiment.variants;
  const [second, all] = [{ fromMs: 3000, untilMs: 4000 }, ceilingOf(experiment, it!)];
  // In two seconds 400 a second complete; in five seconds five fourths of that.
  expect(ceilingOf(experiment, it!, second)).toBeCloseTo(0.8, 1);
  expect(all).toBeCloseTo(0.5, 1);
});

test('capacityOf: cutting attempts off helps only where work ends with its caller', () => {
  const model = { kind: 'congestion', capacityRps: 100, times: { kind: 'lognormal', p50Ms: 10, p99Ms: 400 } };
  const most = (more: object) => {
    const { downstream } = overloaded(model, knee, 10);
    return capacityOf({ ...downstream, ...more }, 1000).perSecond;
  };
  expect(most({ abandonOnAbort: true })).toBeGreaterThan(1.2 * most({}));
  expect(most({ deadlines: 'stop' })).toBe(most({ abandonOnAbort: true }));
});
