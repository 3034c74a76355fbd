import { expect, test } from 'vitest';
import type { Progress } from '#lab/runner/run.ts';
import { constant, countedExperiment, fault, onPath } from '#test/fixtures/counted.ts';
import { pooledRuns } from '#test/support/pooled.ts';
import { accounted, accountedEach, recordIn, restartedIn } from '#test/support/run-text.ts';

const run = pooledRuns();

const bulkhead = (concurrency: number, ofClass?: string) => ({
  bulkhead: { concurrency, ...(ofClass !== undefined && { class: ofClass }) },
});
const shared = [bulkhead(8)];
const separate = [bulkhead(4, 'slow'), bulkhead(64, 'quick')];
const event = (policies: object[]) => ({
  path: 'event',
  consumer: { concurrency: 100, redelivery: { maxRetries: 0 } },
  policies,
});

test('slow requests starve the others of a bulkhead that they share, on both paths, and a bulkhead for each class cures it', async () => {
  const result = await run(
    countedExperiment({
      drainMs: 10_000,
      load: constant(200, 1500),
      classes: { slow: 0.2, quick: 0.8 },
      downstream: { model: { kind: 'fixed', latencyMs: 2 } },
      variants: {
        shared: { path: 'rpc', policies: shared },
        separate: { path: 'rpc', policies: separate },
        'shared-events': event(shared),
        'separate-events': event(separate),
      },
      faults: [
        fault('slow', 'downstream', [0, 2800], 'latency', {
          added: { kind: 'fixed', ms: 800 },
          class: 'slow',
        }),
      ],
      // A redriven event keeps its class.
      redrives: [{ atMs: 2400 }],
      hypothesis: [
        'goodput(separate, class quick) > goodput(shared, class quick)',
        'rejected(shared, class quick, during slow) > 100',
      ],
    }),
  );
  const [rpc, rpcEach, events, eventsEach] = accountedEach(result, 300).map(({ windows, outcomes, lost }) => {
    const of = (name: string) => windows!.find((window) => window.name === `class ${name}`)!;
    return { slow: of('slow'), quick: of('quick'), outcomes, lost };
  });
  const offered = [rpc, rpcEach, events, eventsEach].map((each) => each!.slow.offered);
  expect(new Set(offered)).toEqual(new Set([300 - rpc!.quick.offered]));
  expect(result.hypotheses.map(({ ok }) => ok)).toEqual([true, true]);
  // A slow request takes 0.8 s, so 8 slots complete 10 slow requests a second, of 40.
  expect(rpc!.quick.outcomes.rejected).toBeGreaterThan(0.5 * rpc!.quick.offered);
  expect(rpcEach!.quick.outcomes.rejected).toBe(0);
  expect(rpcEach!.slow.outcomes.rejected).toBeGreaterThan(0.5 * rpcEach!.slow.offered);
  expect(rpc!.slow.latency!.p50Ms).toBeGreaterThan(800);
  expect([events!.lost, eventsEach!.lost]).toEqual([0, 0]);
  const { ok, late } = eventsEach!.quick.outcomes;
  expect(ok + late).toBe(eventsEach!.quick.offered);
  // A quick event that was refused, dead-lettered and redriven is late.
  expect(events!.quick.outcomes.ok).toBeLessThan(0.7 * events!.quick.offered);
  expect(events!.slow.outcomes.late + eventsEach!.slow.outcomes.late).toBeGreaterThan(0);
});

test('nothing is lost and the draws are the same, whether the consumer or the server waits before a redelivery', async () => {
  const variant = (by: string) => ({
    path: 'event',
    consumer: {
      concurrency: 200,
      redelivery: { maxRetries: 30, backoff: { kind: 'constant', delayMs: 20, jitter: 'none' }, by },
    },
  });
  const result = await run(
    countedExperiment({
      connections: 1500,
      drainMs: 20_000,
      load: constant(100, 1500),
      downstream: { model: { kind: 'fixed', latencyMs: 2, failureRatio: 0.5 } },
      variants: { consumer: variant('consumer'), server: variant('server') },
    }),
  );
  const [held, asked] = accountedEach(result, 150);
  for (const { lost, outcomes } of [held!, asked!])
    expect([lost, outcomes.ok + outcomes.late]).toEqual([0, 150]);
  // Half of all attempts fail, so 150 events need about 150 retries. Both variants have the same draws, so the counts
  // are equal.
  expect(held!.retries).toBeGreaterThan(100);
  expect(asked!.retries).toBe(held!.retries);
});

const poison = (name: string, span: [atMs: number, forMs: number], from: number, count: number) =>
  fault(name, 'downstream', span, 'poison', { ids: Array.from({ length: count }, (_, i) => `r${from + i}`) });
const untried = { it: { path: 'event', consumer: { redelivery: { maxRetries: 0 }, ackWaitMs: 1000 } } };

test('an experiment redrives dead letters, and each event counts by its final outcome', async () => {
  const text = countedExperiment({
    load: constant(200, 1500),
    drainMs: 2500,
    downstream: { model: { kind: 'fixed', latencyMs: 1 } },
    variants: untried,
    faults: [poison('for-now', [0, 1500], 40, 25), poison('for-good', [1600, 1400], 60, 5)],
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
  expect(variant.redrives![0]!.took!.fromMs).toBeGreaterThan(1999); // a timer of Node may fire 1 ms early
  expect([variant.lost, variant.recovered, variant.effects.duplicates]).toEqual([0, 0, 0]);
  expect(variant.attempts).toBe(300 + 25);
  // The latency of a redriven event ends with its completion, not with its dead letter.
  expect(variant.latency!.maxMs).toBeGreaterThan(1600);
  expect(variant.ledger.checks).toContainEqual(
    expect.objectContaining({
      witnesses: expect.objectContaining({ redriven: 25, 'receipts of the consumer': 25 }),
    }),
  );
});

test('a redrive during which the broker is killed loses no event and redrives none twice', async () => {
  const text = countedExperiment({
    load: constant(100, 2000),
    drainMs: 6000,
    downstream: { model: { kind: 'fixed', latencyMs: 1 } },
    variants: untried,
    faults: [poison('for-now', [0, 700], 10, 30), fault('crash', 'nats', [1500, 300], 'kill')],
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
  // When the broker was killed, it may have deleted a dead letter without confirming this to the first redrive.
  expect(first!.left - second!.redriven).toBeLessThanOrEqual(1);
  expect(second!.left).toBe(0);
});

test('a redrive that is cut off by the end of the run makes the run invalid, and its other events stay dead', async () => {
  const text = countedExperiment({
    load: constant(100, 600),
    drainMs: 1000,
    downstream: { model: { kind: 'fixed', latencyMs: 1 } },
    variants: untried,
    faults: [poison('for-now', [0, 400], 10, 20)],
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

test('the same seed gives each request the same scheduled time and the same outcome, in both variants of two runs', async () => {
  const first = await requestsOf(3);
  const second = await requestsOf(3);
  const other = await requestsOf(4);
  expect(first.calls.length).toBeGreaterThan(100);
  expect([...new Set(first.calls.map(({ outcome }) => outcome))].sort()).toEqual(['failed', 'ok']);
  expect(first.events).toEqual(first.calls);
  expect(second).toEqual(first);
  expect(other.events).toEqual(other.calls);
  const common = Math.min(other.calls.length, first.calls.length);
  for (const column of ['scheduledAtMs', 'outcome'] as const) {
    const [one, another] = [first, other].map(({ calls }) =>
      calls.slice(0, common).map((each) => each[column]),
    );
    expect(another).not.toEqual(one);
  }
});

/** Runs both paths while half of the attempts fail. Resolves with the record of each request. */
async function requestsOf(seed: number) {
  const folder = run.newFolder();
  const { errors } = await run(
    countedExperiment({
      seed,
      deadlineMs: 10_000,
      load: [{ arrivals: { kind: 'poisson', ratePerSecond: 200, forMs: 600 } }],
      downstream: { model: { kind: 'fixed', latencyMs: 2, failureRatio: 0.5 } },
      variants: {
        calls: { path: 'rpc' },
        events: { path: 'event', consumer: { redelivery: { maxRetries: 0 } } },
      },
    }),
    { folder },
  );
  expect(errors).toEqual([]);
  const requestsIn = (variant: string) =>
    recordIn(folder, variant).map(({ outcome, ...others }) => ({
      ...others,
      outcome: outcome === 'dead' ? 'failed' : outcome,
    }));
  return { calls: requestsIn('calls'), events: requestsIn('events') };
}

/** Experiment that kills the gateway after 1.6 s. `well` is a healthy variant; in `unwell`, half of the calls fail. */
const experiment = countedExperiment({
  deadlineMs: 500,
  load: constant(50, 1900),
  downstream: { model: { kind: 'fixed', latencyMs: 5 } },
  classes: { slow: 0.5, quick: 0.5 },
  variants: {
    well: onPath('rpc', 500),
    unwell: { path: 'rpc', policies: [{ timeout: { ms: 1, class: 'slow' } }] },
  },
  faults: [fault('crash', 'gateway', [1600, 200], 'kill')],
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
  expect(variants.map(restartedIn)).toEqual([['gateway'], []]);
  expect(well!.faults).toMatchObject([{ name: 'crash', took: { fromMs: expect.any(Number) } }]);
  expect(unwell!.faults).toMatchObject([{ name: 'crash', took: null }]);
});

test('a run that measures its pace prints the factor, and how long it takes at least', async () => {
  const text = countedExperiment({
    slowMotion: 'auto',
    deadlineMs: 200,
    drainMs: 300,
    load: constant(10, 100),
    variants: { one: { path: 'rpc' }, two: { path: 'rpc' } },
  });
  const paces: Progress[] = [];
  const { slowMotion } = await run(text, {
    onProgress: (progress) => {
      if (progress.stage === 'pace') paces.push(progress);
    },
  });
  const { factor } = slowMotion!;
  const chosen = { factor, leastMs: 2 * factor * (100 + 200), drainMs: 2 * factor * 300 };
  expect(paces).toEqual([{ stage: 'pace' }, { stage: 'pace', chosen }]);
});
