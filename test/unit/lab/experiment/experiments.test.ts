import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { readExperiment } from '#lab/experiment/read.ts';
import type { Variant } from '#lab/experiment/schema.ts';
import { durationMs, planned } from '#load/phases.ts';

const read = (name: string) =>
  readExperiment(fileURLToPath(new URL(`../../../../experiments/${name}.yaml`, import.meta.url))).experiment;
const demo = read('00-demo');
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
  broker: { servers: 1, replicas: 1, sync: 'interval' },
  policies: [{ timeout: { ms: 200 } }],
});

test('01-burst has the nine variants of the reference model, in its order', () => {
  const variants = Object.entries(burst.variants).map(([name, { description, ...rest }]) => [name, rest]);
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

test('00-demo sends the first 1,000 requests of 01-burst to the same dependency, with the same deadline', () => {
  const [{ arrivals } = {}] = burst.load;
  expect(demo.load.map((phase) => phase.arrivals)).toEqual([{ ...arrivals, total: 1000 }]);
  expect([demo.downstream, demo.deadlineMs]).toEqual([burst.downstream, burst.deadlineMs]);
});

test('00-demo has variants of 01-burst', () => {
  const configOf = ({ description, ...config }: Variant) => config;
  expect(Object.entries(demo.variants).map(([name, variant]) => [name, configOf(variant)])).toEqual([
    ['no-limit', configOf(burst.variants['rpc-retries']!)],
    ['limit-16', configOf(burst.variants['rpc-retries-bulkhead-16']!)],
    ['queue-16', configOf(burst.variants['events-16']!)],
  ]);
});

test('02-baseline offers both paths some 500 requests within 5 s', () => {
  const { load, seed, variants } = read('02-baseline');
  expect(Object.values(variants).map(({ path }) => path)).toEqual(['rpc', 'event']);
  expect(durationMs(load)).toBe(5000);
  expect(Math.abs(planned(load, seed) - 500)).toBeLessThan(70); // three standard deviations of a Poisson count
});
