import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { marker, spillway, survivors, withMarker } from '#test/support/marked.ts';
import { folderIn, resultOf } from '#test/support/small-run.ts';

withMarker();

function writeExperiment(): string {
  const file = join(marker, 'small.yaml');
  writeFileSync(
    file,
    `title: Small
deadlineMs: 1000
seed: 7
repeat: 9
connections: 50
warmup: { requests: 50, concurrency: 10 }
load: [{ arrivals: { kind: poisson, ratePerSecond: 100, forMs: 150 } }]
downstream: { model: { kind: fixed, latencyMs: 5 } }
variants: { calls: { path: rpc } }
validity: { lagP99Ms: 60000, stallMs: 60000, sleepExcessP99Ms: 60000, reason: the command is tested and not the machine }
hypothesis: [goodput(calls) > 0.9, goodput(calls) < 0.9]
`,
  );
  return file;
}

test('run --repeat gives each round the next seed and separate processes, and keeps what it has on a Ctrl-C', async () => {
  const run = spillway(['run', '--no-predict', '--verbose', writeExperiment()]);
  await run.said(/\[round 2\/9, seed 8\] \[1\/1\] calls: run/);
  run.interrupt();
  const { code } = await run.ended();
  expect(code).toBe(105);
  const folder = folderIn(run.out);
  const original = resultOf(folder);
  const { status, errors, hypotheses, rounds = [] } = original;
  // The Ctrl-C may arrive in a later round than the second.
  const complete = Array.from({ length: rounds.length - 1 }, (_, index) => ({
    seed: 7 + index,
    status: 'failed',
  }));
  const interrupted = { seed: 7 + complete.length, status: 'interrupted' };
  expect(rounds).toMatchObject([...complete, interrupted]);
  expect(complete.length).toBeGreaterThan(0);
  expect(status).toBe('interrupted');
  expect(errors).toMatchObject([
    { name: 'interrupted', message: expect.stringContaining(` (with seed ${interrupted.seed})`) },
  ]);
  expect(hypotheses).toHaveLength(2);
  const roundOf = (seed: number) => join(folder, 'rounds', String(seed));
  expect(resultOf(roundOf(8)).command).toMatch(/ --seed 8 --repeat 1$/);
  const pids = [7, 8].map(
    (seed) => /"pid":(\d+)/.exec(readFileSync(join(roundOf(seed), 'logs', 'downstream.log'), 'utf8'))?.[1],
  );
  expect(new Set(pids).size).toBe(2);
  expect(existsSync(join(folder, 'report.html'))).toBe(true);
  expect(survivors()).toEqual([]);
});
