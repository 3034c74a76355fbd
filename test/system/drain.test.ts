import { expect, test } from 'vitest';
import type { MetricName } from '#kit/metrics.ts';
import { total } from '#lab/evidence/samples.ts';
import type { Result } from '#lab/result/result.ts';
import type { Progress } from '#lab/runner/run.ts';
import { Control } from '#lab/testbed/control.ts';
import type { Testbed } from '#lab/testbed/testbed.ts';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { pooledRuns } from '#test/support/pooled.ts';
import { until } from '#test/support/until.ts';

const runPooled = pooledRuns();

/** Waits until downstream has finished the work of the previous run, then runs an experiment with a short drain. */
function run(
  own: Parameters<typeof countedExperiment>[0],
  onProgress: (progress: Progress) => void = () => undefined,
) {
  const text = countedExperiment({ deadlineMs: 200, drainMs: 200, connections: 400, ...own });
  const on = async (testbed: Testbed) => {
    await until(() => isIdle(testbed), 'nothing is in flight');
    return testbed;
  };
  return runPooled(text, { on, onProgress });
}

async function isIdle({ control, controlToken }: Testbed): Promise<boolean> {
  const inFlight = async (service: 'downstream' | 'consumer', metric: MetricName) => {
    const port = new Control(service, control[service]!, controlToken);
    return total(await port.scrape([metric]).finally(() => port.close()), metric);
  };
  const deliveries = await inFlight('consumer', 'spillway_deliveries_in_flight');
  return deliveries === 0 && (await inFlight('downstream', 'spillway_work_in_flight')) === 0;
}

const atWork = ({ validity }: Result) => validity.find(({ name }) => name === 'attempts still at work');

test('events that are unfinished after the drain are pending, and none of them is lost', async () => {
  const result = await run({
    load: constant(400, 500),
    downstream: { model: { kind: 'fixed', latencyMs: 20 } },
    variants: { it: { ...onPath('event', 500), consumer: { concurrency: 2 } } },
  });
  const [variant] = result.variants;
  expect(result.errors).toEqual([]);
  expect(variant?.ledger.checks.filter(({ ok }) => !ok)).toEqual([]);
  expect(variant?.lost).toBe(0);
  expect(variant?.outcomes.pending).toBeGreaterThan(0);
  // Downstream finished the work that it had begun before the end of the drain; other events stayed in the stream.
  expect(atWork(result)?.measured).toBe(0);
});

const longMs = 3000;
const again = { retry: { maxRetries: 1, backoff: { kind: 'constant', delayMs: longMs } } };

test.each([
  ['downstream is at work on', { latencyMs: longMs }, []],
  ['wait to be tried again', { failureRatio: 1 }, [again]],
])(
  'a run whose drain ends before the events that %s do is invalid, and they are pending',
  async (_sentence, model, policies) => {
    const drains: { calls: number; maxMs: number | undefined }[] = [];
    const result = await run(
      {
        drainMs: 1000, // long enough for the first request on a busy machine
        load: constant(100, 300),
        downstream: { model: { kind: 'fixed', ...model } },
        variants: { it: { path: 'event', consumer: { concurrency: 16 }, policies } },
      },
      (progress) => {
        if (progress.stage !== 'drain' || progress.atWork === undefined) return;
        drains.push({ calls: progress.atWork.calls, maxMs: progress.maxMs });
      },
    );
    expect([result.status, result.errors]).toEqual(['invalid', []]);
    const wrong = result.validity.filter(({ ok }) => !ok);
    expect(wrong).toMatchObject([{ name: 'attempts still at work', measured: 16 }]);
    const [variant] = result.variants;
    expect(variant?.outcomes).toMatchObject({ pending: 30, late: 0, ok: 0 });
    expect(variant?.lost).toBe(0);
    expect(drains.length).toBeGreaterThan(0);
    for (const { calls, maxMs } of drains) {
      expect(calls).toBe(16);
      // `maxMs` is measured from the start of the stage; the wait of 1 s begins a little later.
      expect(maxMs).toBeGreaterThanOrEqual(999);
      expect(maxMs).toBeLessThan(longMs);
    }
    // The run did not wait for the attempts or the retries, which take `longMs`.
    expect(variant?.durationMs).toBeLessThan(longMs);
  },
);

test('a run whose drain ends before downstream has completed the calls is invalid, since the next variant would meet what is left', async () => {
  const result = await run({
    load: constant(100, 300),
    downstream: { model: { kind: 'fixed', latencyMs: longMs } },
    variants: { it: onPath('rpc', 100) },
  });
  expect(result.status).toBe('invalid');
  expect(atWork(result)).toMatchObject({ ok: false, limit: 0 });
  expect(atWork(result)?.measured).toBeGreaterThan(20);
});
