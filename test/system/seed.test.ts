import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { countedExperiment } from '#test/fixtures/counted.ts';
import { pooledRuns } from '#test/support/pooled.ts';

const run = pooledRuns();

test('the same seed gives each request the same scheduled time and the same outcome, in both variants of two runs', async () => {
  const first = await requestsOf(3);
  const second = await requestsOf(3);
  const other = await requestsOf(4);
  expect(first.calls.length).toBeGreaterThan(100);
  expect(fates(first.calls)).toEqual(['failed', 'ok']);
  expect(first.events).toEqual(first.calls);
  expect(second).toEqual(first);
  expect(other.events).toEqual(other.calls);
  const common = Math.min(other.calls.length, first.calls.length);
  for (const column of ['scheduledAtMs', 'fate'] as const) {
    const [one, another] = [first, other].map(({ calls }) =>
      calls.slice(0, common).map((each) => each[column]),
    );
    expect(another).not.toEqual(one);
  }
});

interface Request {
  readonly index: number;
  readonly scheduledAtMs: string;
  readonly fate: string;
}

const fates = (requests: readonly Request[]) => [...new Set(requests.map(({ fate }) => fate))].sort();

/** Returns the record of each request in a second, of which half fail for good. */
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
  return { calls: recordOf(folder, 'calls'), events: recordOf(folder, 'events') };
}

function recordOf(folder: string, variant: string): Request[] {
  const [, ...lines] = readFileSync(join(folder, 'variants', variant, 'requests.csv'), 'utf8')
    .trim()
    .split('\n');
  return lines
    .map((line) => line.split(','))
    .map(([index, scheduledAtMs, , , outcome]) => ({
      index: Number(index),
      scheduledAtMs: scheduledAtMs!,
      fate: outcome === 'dead' ? 'failed' : outcome!,
    }))
    .sort((a, b) => a.index - b.index);
}
