import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Result } from '#lab/result/result.ts';
import { marker, spillway, survivors, withMarker } from '#test/support/marked.ts';
import { folderIn, judged, resultIn, resultOf, writeCalls } from '#test/support/small-run.ts';

withMarker();

const figuresOf = ({ simulations }: Result, name = 'calls') =>
  simulations?.variants.find((variant) => variant.name === name)?.figures;

test('run simulates the experiment with ten seeds, and judge answers the same without simulating', async () => {
  const run = spillway(['run', writeCalls(300), '--seed', '4']);
  const { stdout } = await run.ended();
  const result = resultIn(run.out);
  expect(/^≈ [01] of 1\s+variant as simulated\b/m.test(stdout)).toBe(result.status !== 'invalid');
  expect(result.simulations).toMatchObject({ seeds: [4, 5, 6, 7, 8, 9, 10, 11, 12, 13] });
  const [calls] = result.simulations!.variants;
  expect(calls).toMatchObject({ name: 'calls', overhead: result.variants[0]!.self.overhead });
  const p50 = figuresOf(result)!.find(({ metric }) => metric === 'p50')!;
  const { gatewayMs = Number.NaN, downstreamMs } = calls!.overhead!;
  expect(p50).toMatchObject({
    ideal: { mean: expect.closeTo(5) }, // the model of downstream
    withOverhead: { mean: expect.closeTo(5 + gatewayMs + downstreamMs) },
    measured: result.variants[0]!.latency!.p50Ms,
  });
  expect((await judged(folderIn(run.out))).result.simulations).toEqual(result.simulations);
  expect(readdirSync(marker).filter((name) => name.startsWith('spillway-predict'))).toEqual([]);
});

test('run --repeat compares the mean over its rounds, and --no-predict simulates nothing', async () => {
  const run = spillway(['run', writeCalls(200), '--repeat', '2']);
  await run.ended();
  const folder = folderIn(run.out);
  const result = resultIn(run.out);
  const [goodput] = figuresOf(result)!;
  const each = result.rounds!.map(({ variants }) => variants[0]!.values.goodput!);
  expect(goodput).toMatchObject({ metric: 'goodput', measured: (each[0]! + each[1]!) / 2 });
  expect(resultOf(join(folder, 'rounds', '1'))).not.toHaveProperty('simulations');

  const unpredicted = spillway(['run', writeCalls(200), '--no-predict', '--out', 'unpredicted']);
  await unpredicted.ended();
  const other = folderIn(join(marker, 'unpredicted'));
  expect(resultOf(other)).not.toHaveProperty('simulations');
  expect(existsSync(join(other, 'simulations.json'))).toBe(false);
});

/** Downstream dies for 300 ms of the experiment's own time, and then takes 170 ms of any time to start. */
const dying = `
title: Downstream dies
deadlineMs: 100
drainMs: 1000
load: [{ arrivals: { kind: constant, ratePerSecond: 100, forMs: 1000 } }]
downstream: { model: { kind: fixed, latencyMs: 10 } }
faults: [{ name: dead, atMs: 205, forMs: 300, target: downstream, fault: { kind: kill } }]
variants: { calls: { path: rpc } }
`;

test('run in slow motion simulates as slowly as it ran', async () => {
  const file = join(marker, 'dying.yaml');
  writeFileSync(file, dying);
  const run = spillway(['run', file, '--slow-motion', '4']);
  await run.ended();
  const result = resultIn(run.out, 'dying');
  const [goodput] = figuresOf(result)!;
  // The 35 calls from 200 ms on fail, until downstream is back at 505 + 170 / 4 ms.
  expect(goodput).toMatchObject({ metric: 'goodput', ideal: { mean: expect.closeTo(0.65) } });
});

test('run keeps its verdict if it is interrupted while it simulates, and says what is skipped', async () => {
  const run = spillway(['run', '--verbose', writeCalls(300, 'hypothesis: [ok(calls) > 0]')]);
  await run.said(/simulating for comparison/);
  process.kill(run.child.pid!, 'SIGINT');
  const { code, stderr } = await run.ended();
  expect(code).toBe(0);
  expect(stderr).toMatch(/^Interrupted: simulations skipped\./m);
  expect(stderr).not.toContain('Interrupted: stopping');
  const result = resultIn(run.out);
  expect(result).toMatchObject({ status: 'held', errors: [] });
  expect(result).not.toHaveProperty('simulations');
  expect(survivors()).toEqual([]);
});

/** Counts that policies and draws decide: a bulkhead for 10 of the 15 calls that would be at work, and retries. */
const agreeing = `
title: Counts that hardly depend on the machine
deadlineMs: 1000
connections: 100
warmup: { requests: 100, concurrency: 10 }
load: [{ arrivals: { kind: poisson, ratePerSecond: 150, forMs: 3000 } }]
downstream: { model: { kind: fixed, latencyMs: 100, failureRatio: 0.3 } }
variants:
  bulkhead: { path: rpc, policies: [{ bulkhead: { concurrency: 10, queue: 0 } }] }
  retries: { path: rpc, policies: [{ retry: { maxRetries: 3, backoff: { kind: constant, delayMs: 10 } } }] }
  timeout: { path: rpc, policies: [{ timeout: { ms: 50 } }] }
`;

test('run agrees with its simulation in counts and ratios, if it is valid', async () => {
  const file = join(marker, 'agreeing.yaml');
  writeFileSync(file, agreeing);
  const run = spillway(['run', file]);
  await run.ended();
  const result = resultIn(run.out, 'agreeing');
  const names = result.simulations!.variants.map(({ name }) => name);
  expect(names).toEqual(['bulkhead', 'retries', 'timeout']);
  const valid = names.filter((name) => result.validity.every(({ variant, ok }) => ok || variant !== name));
  for (const name of valid) {
    const counts = figuresOf(result, name)!.filter(({ metric }) => !metric.startsWith('p'));
    expect.soft({ name, counts: counts.map(({ verdict }) => verdict) }).toEqual({
      name,
      counts: [expect.stringMatching(/^agrees|explained$/), expect.stringMatching(/^agrees|explained$/)],
    });
  }
});
