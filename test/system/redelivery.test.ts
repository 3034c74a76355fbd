import { expect, test } from 'vitest';
import { startLocal } from '#lab/testbed/local/local.ts';
import { constant, countedExperiment } from '#test/fixtures/counted.ts';
import { accounted, runText } from '#test/support/run-text.ts';

test('nothing is lost and the draws are the same, whether the consumer or the server waits before a redelivery', async () => {
  const variant = (by: string) => ({
    path: 'event',
    consumer: {
      concurrency: 200,
      redelivery: { maxRetries: 30, backoff: { kind: 'constant', delayMs: 20, jitter: 'none' }, by },
    },
  });
  const result = await runText(
    countedExperiment({
      connections: 1500,
      drainMs: 20_000,
      load: constant(100, 1500),
      downstream: { model: { kind: 'fixed', latencyMs: 2, failureRatio: 0.5 } },
      variants: { consumer: variant('consumer'), server: variant('server') },
    }),
    (logFolder) => startLocal({ logFolder }),
  );
  const [held, asked] = result.variants.map((each) => accounted({ ...result, variants: [each] }, 150));
  for (const { lost, outcomes } of [held!, asked!])
    expect([lost, outcomes.ok + outcomes.late]).toEqual([0, 150]);
  // With the same draws, half of them wait at least once.
  expect(held!.retries).toBeGreaterThan(100);
  expect(asked!.retries).toBe(held!.retries);
});
