import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { marker, spillway, withMarker } from '#test/support/marked.ts';
import { resultIn } from '#test/support/small-run.ts';

withMarker();

/** Capacity with a timeout T = 50 ms: (1 − b/T) ÷ a, for a latency of b + a·(in flight), b = 9 ms and a = 4 ms. */
const lawPerSecond = (1 - 9 / 50) / 0.004;

function writeExperiment(capacity = 'capacity: { nominalPerSecond: 200, timeoutMs: 50 }'): string {
  const file = join(marker, 'relative.yaml');
  writeFileSync(
    file,
    `title: Relative
deadlineMs: 1000
connections: 100
warmup: { requests: 50, concurrency: 10 }
load: [{ arrivals: { kind: constant, ratePerSecond: 100, forMs: 500 } }]
${capacity}
downstream:
  model: { kind: congestion, capacityRps: 10, baseLatencyMs: 13, jitterMs: 0, failureRatio: 0, overloadLatencyMs: 4, overloadFailureRatio: 0 }
variants: { calls: { path: rpc } }
validity: { lagP99Ms: 5000, stallMs: 5000, sleepExcessP99Ms: 5000, unsent: 100000, reason: the command is tested and not the machine }
`,
  );
  return file;
}

test('calibrate brackets the capacity under a timeout, and says what a file with another needs', async () => {
  const file = writeExperiment('capacity: { nominalPerSecond: 200, timeoutMs: 60 }');
  const { code, stdout, stderr } = await spillway(['calibrate', file, '--timeout', '50']).ended();
  expect(stderr).toMatch(/^capacity: 200\/s (is sustained|is too much), \S+ % timed out/m);
  const [, perSecond, low, high] =
    /^capacity under 50 ms: ([\d.]+)\/s \(([\d.]+)\/s to ([\d.]+)\/s\)\nFor loads relative to it: capacity: \{ nominalPerSecond: \1, timeoutMs: 50 \} in the experiment\n$/
      .exec(stdout)!
      .map(Number);
  expect(code).toBe(0);
  expect([low, perSecond, high]).toEqual([low, perSecond, high].toSorted((a, b) => a! - b!));
  // The law gives the highest possible capacity. On a busy machine the capacity is far lower.
  expect(perSecond).toBeGreaterThan(0.25 * lawPerSecond);
  expect(perSecond).toBeLessThan(1.04 * lawPerSecond);
});

test('run takes a capacity that is given, and says with what the load was scaled', async () => {
  const run = spillway(['run', '--no-predict', writeExperiment(), '--capacity', '60']);
  const { code } = await run.ended();
  expect(code).toBe(0);
  const { capacity, variants, command } = resultIn(run.out, 'relative');
  expect(capacity).toEqual({ nominalPerSecond: 200, timeoutMs: 50, perSecond: 60 });
  expect(variants[0]!.offered).toBe(15); // 50 requests of the file · 60 ÷ 200
  expect(command).toMatch(/ --capacity 60$/);
});

test('run measures the capacity first, doubts it where the generator had no connections left, and repeats the load by its command', async () => {
  const file = writeExperiment('capacity: { nominalPerSecond: 170, timeoutMs: 50 }');
  // Five connections complete at most 172 requests a second, since each request takes at least 29 ms.
  const few = readFileSync(file, 'utf8')
    .replace('connections: 100', 'connections: 5')
    .replace('concurrency: 10', 'concurrency: 5');
  writeFileSync(file, few.replace('unsent: 100000, ', ''));
  const run = spillway(['run', '--no-predict', '--verbose', file]);
  const { code, stderr } = await run.ended();
  expect(stderr.indexOf('capacity: ')).toBeGreaterThanOrEqual(0);
  expect(stderr.indexOf('capacity: ')).toBeLessThan(stderr.indexOf('[1/1] calls'));
  const { capacity, variants, command, validity } = resultIn(run.out, 'relative');
  expect(capacity!.low).toBeLessThan(capacity!.high!);
  expect(variants[0]!.offered).toBe(Math.ceil((capacity!.perSecond / 170) * 50 - 1e-6));
  expect(command).toMatch(new RegExp(` --capacity ${capacity!.perSecond.toPrecision(6)}$`));
  expect(code).toBe(90);
  expect(validity.filter(({ ok }) => !ok)).toContainEqual(
    expect.objectContaining({ name: 'unsent requests', variant: 'capacity' }),
  );
});
