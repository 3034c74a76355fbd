import { expect, test } from 'vitest';
import { parseExperiment } from '#lab/experiment/read.ts';
import { constant, countedExperiment, fault, onPath } from '#test/fixtures/counted.ts';
import { measuredIn, valuesOf } from '#test/support/figures.ts';
import { testFolder } from '#test/support/folder.ts';
import { accounted, accountedEach, recordIn } from '#test/support/run-text.ts';
import { simulated } from '#test/support/simulated.ts';

async function run(
  own: Parameters<typeof countedExperiment>[0],
  folder = testFolder(),
  options: Parameters<typeof simulated>[2] = {},
) {
  const source = countedExperiment(own);
  const experiment = parseExperiment(source, 'x.yaml');
  return (await simulated({ experiment, name: 'x', file: 'x.yaml', source }, folder, options)).result;
}

const fixed = (latencyMs: number, failureRatio = 0) => ({
  model: { kind: 'fixed', latencyMs, failureRatio },
});

test('slow requests starve the others of a bulkhead that they share, on both paths, and a bulkhead for each class cures it', async () => {
  const bulkhead = (concurrency: number, only?: string) => ({
    bulkhead: { concurrency, ...(only !== undefined && { class: only }) },
  });
  const shared = { policies: [bulkhead(8)] };
  const separate = { policies: [bulkhead(4, 'slow'), bulkhead(64, 'quick')] };
  const event = { path: 'event', consumer: { concurrency: 100, redelivery: { maxRetries: 0 } } };
  const result = await run({
    load: constant(200, 1500),
    classes: { slow: 0.2, quick: 0.8 },
    downstream: fixed(2),
    variants: {
      shared: { path: 'rpc', ...shared },
      separate: { path: 'rpc', ...separate },
      'shared-events': { ...event, ...shared },
      'separate-events': { ...event, ...separate },
    },
    faults: [
      fault('slow', 'downstream', [0, 2800], 'latency', {
        added: { kind: 'fixed', ms: 800 },
        class: 'slow',
      }),
    ],
    redrives: [{ atMs: 2400 }],
  });
  const [rpc, rpcEach, events, eventsEach] = accountedEach(result, 300).map(({ name }) =>
    valuesOf(result, name, 'class quick'),
  );
  // A slow request takes 0.8 s, so 8 slots complete 10 slow requests a second, of 40.
  expect(rpc!.rejected).toBeGreaterThan(0.5 * rpc!.offered);
  expect(rpcEach!.ok).toBe(rpcEach!.offered);
  // A quick event that was refused, dead-lettered and redriven is late.
  expect(events!.ok).toBeLessThan(0.7 * events!.offered);
  expect(eventsEach!.ok).toBe(eventsEach!.offered);
});

test('the draws are the same, whether the consumer or the server waits before a redelivery', async () => {
  const variant = (by: string) => ({
    path: 'event',
    consumer: {
      concurrency: 200,
      redelivery: { maxRetries: 30, backoff: { kind: 'constant', delayMs: 20, jitter: 'none' }, by },
    },
  });
  const result = await run({
    load: constant(100, 1500),
    downstream: fixed(2, 0.5),
    variants: { consumer: variant('consumer'), server: variant('server') },
  });
  const [held, asked] = accountedEach(result, 150);
  for (const { completed } of [held!, asked!]) expect(completed).toBe(150);
  // Half of all attempts fail, so 150 events need about 150 retries.
  expect(held!.retries).toBeGreaterThan(100);
  expect(asked!.retries).toBe(held!.retries);
});

test('a request has the same scheduled time and outcome on both paths, and others with another seed', async () => {
  const requestsOf = async (seed: number) => {
    const folder = testFolder();
    await run(
      {
        seed,
        deadlineMs: 10_000,
        load: [{ arrivals: { kind: 'poisson', ratePerSecond: 200, forMs: 600 } }],
        downstream: fixed(2, 0.5),
        variants: {
          calls: { path: 'rpc' },
          events: { path: 'event', consumer: { redelivery: { maxRetries: 0 } } },
        },
      },
      folder,
    );
    return ['calls', 'events'].map((variant) =>
      recordIn(folder, variant).map((each) => ({ ...each, outcome: each.outcome === 'ok' })),
    );
  };
  const [calls, events] = await requestsOf(3);
  expect(new Set(calls!.map(({ outcome }) => outcome)).size).toBe(2);
  expect(events).toEqual(calls);
  const [others] = await requestsOf(4);
  const outcomes = (of: typeof calls) => of!.slice(0, 80).map(({ outcome }) => outcome);
  expect(outcomes(others)).not.toEqual(outcomes(calls));
});

const untried = { it: { path: 'event', consumer: { redelivery: { maxRetries: 0 } } } };
const poison = (name: string, span: [atMs: number, forMs: number], from: number, count: number) =>
  fault(name, 'downstream', span, 'poison', { ids: Array.from({ length: count }, (_, i) => `r${from + i}`) });

test('an experiment redrives dead letters, and each event counts by its final outcome', async () => {
  const variant = accounted(
    await run({
      load: constant(200, 1500),
      drainMs: 2500,
      downstream: fixed(1),
      variants: untried,
      faults: [poison('for-now', [0, 1500], 40, 25), poison('for-good', [1600, 1400], 60, 5)],
      redrives: [
        { atMs: 2000, ratePerSecond: 1000 },
        { atMs: 2500, reasons: ['timeout'] },
      ],
      deadlineMs: 1400,
    }),
    300,
  );
  expect(variant).toMatchObject({ ok: 275, late: 20, dead: 5 });
  expect(variant.redrives).toMatchObject([
    { redriven: 25, left: 0, failure: null },
    { redriven: 0, left: 0, failure: null },
  ]);
  expect([variant.audited, variant.duplicates, variant.attempts]).toEqual([0, 0, 300 + 25]);
  // The latency of a redriven event ends with its completion, not with its dead letter.
  expect(variant.max).toBeGreaterThan(1600);
});

test('a redrive that is cut off by the end of the run makes the run invalid, and its other events stay dead', async () => {
  const result = await run({
    load: constant(100, 600),
    drainMs: 1000,
    downstream: fixed(1),
    variants: untried,
    faults: [poison('for-now', [0, 400], 10, 20)],
    redrives: [{ atMs: 600, ratePerSecond: 5 }],
  });
  const [{ dead, redrives } = expect.fail()] = measuredIn(result);
  const { redriven, left } = redrives[0]!;
  expect([redriven + left, left > 0, dead]).toEqual([20, true, left]);
  expect(result.validity.filter(({ ok }) => !ok).map(({ name }) => name)).toEqual(['redrives unfinished']);
  expect(result.exitCode).toBe(90);
});

const longMs = 3000;
const again = { retry: { maxRetries: 1, backoff: { kind: 'constant', delayMs: longMs, jitter: 'none' } } };

test.each([
  [
    'events that downstream is at work on',
    fixed(longMs),
    { path: 'event', consumer: { concurrency: 16 } },
    16,
  ],
  [
    'events that wait for a retry',
    fixed(0, 1),
    { path: 'event', consumer: { concurrency: 16 }, policies: [again] },
    16,
  ],
  ['calls that downstream is at work on', fixed(longMs), onPath('rpc', 100), 30],
])('a run whose drain ends before %s is invalid, and loses none', async (_what, downstream, it, measured) => {
  const own = { drainMs: 1000, load: constant(100, 300), downstream, variants: { it } };
  const result = await run(own, testFolder(), { idleMaxMs: 1000 });
  expect(result.errors).toEqual([]);
  const wrong = result.validity.filter(({ ok }) => !ok);
  expect(wrong).toMatchObject([{ name: 'attempts still at work', measured }]);
  const { lost, ledger, durationMs, completed } = measuredIn(result)[0]!;
  expect([lost, ledger.balanced, completed]).toEqual([0, true, 0]);
  // The run did not wait for the work.
  expect(durationMs).toBeLessThan(longMs);
});

test('a simulation is valid whatever the limits of sockets: it adds connections, and waits for the work', async () => {
  const result = await run({
    ...{ connections: 1, warmup: { requests: 1, concurrency: 1 }, drainMs: 1000, load: constant(100, 300) },
    ...{ downstream: fixed(longMs), variants: { it: onPath('rpc', 100) } },
  });
  expect(result.validity.filter(({ ok }) => !ok)).toEqual([]);
  expect(measuredIn(result)[0]).toMatchObject({ unsent: 0, attempts: 30, effects: 30 });
});

test('events that are unfinished after the drain are pending, and none of them is lost', async () => {
  const result = await run({
    deadlineMs: 200,
    drainMs: 200,
    load: constant(400, 500),
    downstream: fixed(20),
    variants: { it: { path: 'event', consumer: { concurrency: 2 } } },
  });
  const { lost, pending } = accounted(result, 200);
  expect(lost).toBe(0);
  // In 0.7 s, two handlers complete at most 70 events of 20 ms, and one each that was begun before.
  expect(pending).toBeGreaterThanOrEqual(200 - 72);
});

test('work done by two downstreams is a duplicate, found only in the logs of both', async () => {
  const slow = { kind: 'fixed', ms: 400 };
  const result = await run({
    replicas: { gateway: 2, downstream: 2 },
    load: constant(300, 1000),
    downstream: fixed(10),
    faults: [fault('slow', 'downstream-2', [0, 1200], 'latency', { added: slow })],
    variants: { it: { path: 'rpc', policies: [{ retry: { maxRetries: 1 } }, { timeout: { ms: 200 } }] } },
  });
  expect(accounted(result, 300).duplicates).toBeGreaterThan(0);
});
