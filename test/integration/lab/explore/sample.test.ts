import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { fileOf } from '#lab/experiment/course.ts';
import { valueIn } from '#lab/experiment/metrics/table.ts';
import { onlyVariants } from '#lab/experiment/only.ts';
import { parseExperiment } from '#lab/experiment/read.ts';
import { sampleOf } from '#lab/explore/sample.ts';
import { constant, countedExperiment, fault } from '#test/fixtures/counted.ts';

/** Returns experiment 17 close below the boundary, with a third of its requests, and so much load after the spike. */
function slowRecovery(forMs: number) {
  const fields = parse(readFileSync(fileOf('17'), 'utf8'));
  Object.assign(fields.downstream.model, { overloadLatencyMs: 9, baseLatencyMs: 109 });
  const [before, spike, settling] = fields.load;
  for (const { arrivals } of [before, spike, settling]) arrivals.ratePerSecond *= 1.1 / 3;
  settling.arrivals.forMs = forMs;
  const hypothesis = ['metastable(below, after phase spike) == 0'];
  const source = JSON.stringify({ ...fields, load: [before, spike, settling], hypothesis });
  const { experiment } = onlyVariants(parseExperiment(source, 'slow.yaml'), ['below']);
  return { experiment, name: 'slow', file: 'slow.yaml', source };
}

test('sampleOf watches a variant longer that is still recovering, and takes from there only what was unknown', async () => {
  const sample = await sampleOf(slowRecovery(15_000), 1);
  expect(sample.watchedMs).toBeGreaterThan(20_000);
  expect(valueIn(sample, 'below', 'metastable')).toBe(0);
  expect(sample.hypotheses.map(({ ok }) => ok)).toEqual([true]);
  // Most requests of the file's own load failed. In a load that is twice as long, most succeed.
  expect(valueIn(sample, 'below', 'goodput')).toBeLessThan(0.4);
});

test('sampleOf says at what time a simulation would not go on', async () => {
  const source = countedExperiment({
    load: constant(100, 2000),
    downstream: { model: { kind: 'fixed', latencyMs: 50 } },
    variants: {
      it: {
        path: 'event',
        callers: 5,
        consumer: { redelivery: { backoff: { kind: 'constant', delayMs: 0 } } },
        policies: [{ breaker: { window: { kind: 'count', size: 5 }, failures: 2 } }],
      },
    },
    faults: [fault('errors', 'downstream', [500, 1000], 'failure')],
  });
  const experiment = parseExperiment(source, 'endless.yaml');
  const { problem } = await sampleOf({ experiment, name: 'endless', file: 'endless.yaml', source }, 1);
  expect(problem).toMatch(/^virtual time stands still at \d+\.\d+ s after 1000000 steps: .*backoff of 0$/);
});
