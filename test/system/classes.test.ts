import { expect, test } from 'vitest';
import { startLocal } from '#lab/testbed/local/local.ts';
import { constant, countedExperiment } from '#test/fixtures/counted.ts';
import { accounted, runText } from '#test/support/run-text.ts';

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
  const result = await runText(
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
        {
          name: 'slow',
          atMs: 0,
          forMs: 3500,
          target: 'downstream',
          fault: { kind: 'latency', added: { kind: 'fixed', ms: 800 }, class: 'slow' },
        },
      ],
      // Sent again, they are still of their class.
      redrives: [{ atMs: 2400 }],
      hypothesis: [
        'goodput(separate, class quick) > goodput(shared, class quick)',
        'rejected(shared, class quick, during slow) > 100',
      ],
    }),
    (logFolder) => startLocal({ logFolder }),
  );
  expect(result.errors).toEqual([]);
  const [rpc, rpcEach, events, eventsEach] = result.variants.map((each) => {
    const { windows, outcomes, lost } = accounted({ ...result, variants: [each] }, 300);
    const of = (name: string) => windows!.find((window) => window.name === `class ${name}`)!;
    return { slow: of('slow'), quick: of('quick'), outcomes, lost };
  });
  const offered = [rpc, rpcEach, events, eventsEach].map((each) => each!.slow.offered);
  expect(new Set(offered)).toEqual(new Set([300 - rpc!.quick.offered]));
  expect(result.hypotheses.map(({ ok }) => ok)).toEqual([true, true]);
  // A slow request takes 0.8 s, so 8 slots complete 10 of their 40 a second.
  expect(rpc!.quick.outcomes.rejected).toBeGreaterThan(0.5 * rpc!.quick.offered);
  expect(rpcEach!.quick.outcomes.rejected).toBe(0);
  expect(rpcEach!.slow.outcomes.rejected).toBeGreaterThan(0.5 * rpcEach!.slow.offered);
  expect(rpc!.slow.latency!.p50Ms).toBeGreaterThan(800);
  expect([events!.lost, eventsEach!.lost]).toEqual([0, 0]);
  const { ok, late } = eventsEach!.quick.outcomes;
  expect(ok + late).toBe(eventsEach!.quick.offered);
  // Refused, dead-lettered and redriven events are late, if there are any.
  expect(events!.quick.outcomes.ok).toBeLessThan(0.7 * events!.quick.offered);
  expect(events!.slow.outcomes.late + eventsEach!.slow.outcomes.late).toBeGreaterThan(0);
});
