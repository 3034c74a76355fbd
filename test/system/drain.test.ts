import { expect, test } from 'vitest';
import { startLocal } from '#lab/engine/local.ts';
import { constant, countedExperiment } from '#test/fixtures/counted.ts';
import { runText } from '#test/support/run-text.ts';

const longMs = 5000;
const again = { retry: { maxRetries: 1, backoff: { kind: 'constant', delayMs: longMs } } };

test.each([
  ['downstream is at work on', { latencyMs: longMs }, []],
  ['wait to be tried again', { failureRatio: 1 }, [again]],
])(
  'a run whose drain ends before the events that %s do is invalid, and they are pending',
  async (_sentence, model, policies) => {
    const text = countedExperiment({
      deadlineMs: 200,
      drainMs: 200,
      load: constant(50, 1000),
      downstream: { model: { kind: 'fixed', ...model } },
      variants: { it: { path: 'event', consumer: { concurrency: 16 }, policies } },
    });
    const drains: { inFlight: number; maxMs: number | undefined }[] = [];
    const { status, errors, validity, variants } = await runText(
      text,
      (logFolder) => startLocal({ logFolder }),
      {
        onProgress: (progress) => {
          if (progress.stage !== 'drain' || progress.inFlight === undefined) return;
          drains.push({ inFlight: progress.inFlight, maxMs: progress.maxMs });
        },
      },
    );
    expect([status, errors]).toEqual(['invalid', []]);
    const wrong = validity.filter(({ ok }) => !ok);
    expect(wrong).toMatchObject([{ name: 'attempts still at work', measured: 16 }]);
    const [variant] = variants;
    expect(variant?.outcomes).toMatchObject({ pending: 50, late: 0, ok: 0 });
    expect(variant?.lost).toBe(0);
    expect(drains.length).toBeGreaterThan(0);
    for (const { inFlight, maxMs } of drains) {
      expect(inFlight).toBe(16);
      // The stage begins before the lab compares configurations and pauses the consumer, the wait after that.
      expect(maxMs).toBeGreaterThanOrEqual(199);
      expect(maxMs).toBeLessThan(longMs);
    }
    // The run did not wait for them.
    expect(variant?.durationMs).toBeLessThan(longMs);
  },
);
