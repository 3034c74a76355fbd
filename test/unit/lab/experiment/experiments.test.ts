import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readExperiment } from '#lab/experiment/read.ts';
import { judge } from '#lab/judging/hypothesis.ts';
import { durationMs, planned } from '#load/phases.ts';
import { goodputAt, measured } from '#test/fixtures/measured.ts';

const read = (name: string) =>
  readExperiment(fileURLToPath(new URL(`../../../../experiments/${name}.yaml`, import.meta.url))).experiment;
const burst = read('01-burst');

test("01-burst offers the reference model's workload to its dependency", () => {
  expect(burst.load.map(({ arrivals }) => arrivals)).toEqual([
    { kind: 'bursts', total: 2000, size: 350, everyMs: 80, spreadMs: 20 },
  ]);
  expect(burst.downstream).toEqual({
    model: {
      kind: 'congestion',
      capacityRps: 250,
      baseLatencyMs: 8,
      jitterMs: 6,
      failureRatio: 0.05,
      overloadLatencyMs: 50,
      overloadFailureRatio: 0.4,
      failureRatioMax: 0.95,
    },
    idempotent: true,
    deadlines: 'ignore',
    abandonOnAbort: false,
  });
});

const backoff = { kind: 'exponential', jitter: 'full', baseMs: 20, capMs: 400 };
const retry = { retry: { maxRetries: 3, backoff, retryRejected: false } };
const breaker = {
  breaker: {
    window: { kind: 'count', size: 20 },
    failures: 8,
    openMs: 500,
    openJitter: 0,
    halfOpen: { kind: 'none' },
  },
};
const bulkhead = (concurrency: number) => ({ bulkhead: { concurrency, queue: 10_000 } });
const rpc = (...policies: object[]) => ({ path: 'rpc', policies: [...policies, { timeout: { ms: 120 } }] });
const event = (concurrency: number) => ({
  path: 'event',
  consumer: {
    concurrency,
    redelivery: { maxRetries: 3, backoff, maxRefusedMs: 60_000, by: 'consumer' },
    ackWaitMs: 30_000,
  },
  stream: { maxPending: 5000 },
  broker: { sync: 'interval' },
  policies: [{ timeout: { ms: 200 } }],
});

test('01-burst has the nine variants of the reference model, in its order', () => {
  const variants = Object.entries(burst.variants).map(([name, { description, predicted, ...rest }]) => [
    name,
    rest,
  ]);
  expect(variants).toEqual([
    ['rpc-guarded', rpc(retry, breaker, bulkhead(40))],
    ['rpc-retries-bulkhead-40', rpc(retry, bulkhead(40))],
    ['rpc-bulkhead-40', rpc(bulkhead(40))],
    ['rpc-retries-bulkhead-16', rpc(retry, bulkhead(16))],
    ['rpc-retries', rpc(retry)],
    ['rpc-nothing', rpc()],
    ['events-16', event(16)],
    ['events-8', event(8)],
    ['events-48', event(48)],
  ]);
});

test("01-burst predicts the reference model's numbers", () => {
  const rows = Object.values(burst.variants).map(({ predicted: p = {} }) => [
    ...[p.completed, p.errors, p.rejected, p.retries, p.attemptTimeouts, p.p50Ms, p.p99Ms],
    ...Object.values(p.goodput ?? {}),
  ]);
  expect(rows).toEqual([
    // The model counts a refused retry as a refusal; 119 of its 1,664 were, over the ten seeds of test/model.ts.
    [336, 119, 1545, 130, 0, 209, 454, 0.1, 0.17, 0.17, 0.17],
    [1990, 10, 0, 793, 0, 1176, 2620, 0.1, 0.43, 0.75, 0.99],
    [1422, 578, 0, 0, 0, 834, 1614, 0.1, 0.44, 0.71, 0.71],
    [2000, 0, 0, 105, 0, 526, 1226, 0.23, 0.96, 1, 1],
    [51, 1949, 0, 5848, 7769, undefined, undefined, 0.03, 0.03, 0.03, 0.03],
    [51, 1949, 0, 0, 1921, undefined, undefined, 0.03, 0.03, 0.03, 0.03],
    [2000, 0, 0, 105, 0, 526, 1226, 0.23, 0.96, 1, 1],
    [2000, 0, 0, 109, 0, 1247, 2688, 0.09, 0.4, 0.81, 1],
    [1937, 63, 0, 1315, 0, 1646, 3675, 0.07, 0.3, 0.59, 0.97],
  ]);
  for (const { predicted } of Object.values(burst.variants))
    expect(Object.keys(predicted?.goodput ?? {})).toEqual(['250ms', '1s', '2s', '5s']);
});

test('01-burst: every hypothesis holds for what is predicted', () => {
  const results = Object.entries(burst.variants).map(([name, { path, predicted = {} }]) => {
    const { retries = 0, rejected = 0, goodput = {} } = predicted;
    return {
      ...measured,
      name,
      path,
      outcomes: { ...measured.outcomes, rejected },
      amplification: (2000 - rejected + retries) / 2000,
      goodput: goodput['2s'] ?? 0,
      goodputByDeadline: goodputAt([1000, goodput['1s'] ?? 0], [5000, goodput['5s'] ?? 0]),
    };
  });
  const judged = burst.hypothesis.map((text) => judge(text, results));
  expect(judged.length).toBeGreaterThan(10);
  expect(judged.filter(({ ok }) => !ok)).toEqual([]);
});

test('01-burst waits for the last attempt that downstream sleeps on', () => {
  const { attemptTimeouts: attempts = 0 } = burst.variants['rpc-retries']?.predicted ?? {};
  expect(burst.drainMs).toBeGreaterThan(11 + 2 * (attempts - 25)); // its law: 11 + 2·(c − 25) ms with c in flight
});

test('02-baseline offers both paths some 500 requests within 5 s', () => {
  const { load, seed, variants } = read('02-baseline');
  expect(Object.values(variants).map(({ path }) => path)).toEqual(['rpc', 'event']);
  expect(durationMs(load)).toBe(5000);
  expect(Math.abs(planned(load, seed) - 500)).toBeLessThan(70); // three standard deviations
});
