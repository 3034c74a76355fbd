import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { marker, spillway, survivors, withMarker } from '#test/support/marked.ts';
import { folderIn, judged, resultIn, writeCalls, writeExperiment } from '#test/support/small-run.ts';

withMarker();

test('simulate conducts an experiment within a run folder that can be judged again, and leaves no process', async () => {
  const file = writeCalls(10_000, 'hypothesis: [goodput(calls) > 0.9]');
  const run = spillway(['simulate', file, '--seed', '7']);
  const { code, stdout } = await run.ended();
  expect(stdout).toContain('report.html');
  expect(code).toBe(0);
  const result = resultIn(run.out);
  expect(result).toMatchObject({ status: 'held', simulated: true, experiment: { seed: 7 }, errors: [] });
  expect(result.command).toMatch(/simulate \S*small\.yaml --seed 7$/);
  expect(result.variants[0]).toMatchObject({ offered: 500, outcomes: { ok: 500 } });
  expect((await judged(folderIn(run.out))).result).toMatchObject({
    hypotheses: result.hypotheses,
    variants: result.variants,
    simulated: true,
  });
  expect(survivors()).toEqual([]);
});

test('simulate --overhead adds time to each call, and its command repeats that', async () => {
  const run = spillway(['simulate', writeCalls(300), '--overhead', 'downstream=3,gateway=2', '--json']);
  const result = JSON.parse((await run.ended()).stdout);
  expect(result.command).toMatch(/ --overhead gateway=2,downstream=3$/);
  // 5 ms of the model, and 3 + 2 ms of overhead.
  expect(result.variants[0].latency.p50Ms).toBeCloseTo(10);
  expect(result).not.toHaveProperty('simulations');
});

test('simulate with rounds has a folder for each seed, and marks each as simulated', async () => {
  const run = spillway(['simulate', writeCalls(500), '--repeat', '2', '--json']);
  const { code, stdout } = await run.ended();
  expect(code).toBe(0);
  // The run has two rounds. In each, the last of 25 requests completes after 505 ms.
  const durationMs = expect.closeTo(2 * 505, -2);
  expect(JSON.parse(stdout)).toMatchObject({
    simulated: true,
    durationMs,
    rounds: [{ seed: 1 }, { seed: 2 }],
  });
  for (const seed of ['1', '2']) {
    const text = readFileSync(join(folderIn(run.out), 'rounds', seed, 'result.json'), 'utf8');
    expect(JSON.parse(text)).toMatchObject({ simulated: true });
  }
});

test('simulate ends with 104 on what is not simulated, names its position, and writes nothing', async () => {
  const file = writeExperiment(
    300,
    `faults: [{ name: cut, atMs: 100, forMs: 100, target: downstream, fault: { kind: disconnect } }]`,
  );
  const { code, stderr } = await spillway(['simulate', file]).ended();
  expect(code).toBe(104);
  expect(stderr).toMatch(
    /small\.yaml:\d+:\d+: faults\[0\]\.fault\.kind: not simulated: disconnect of downstream/,
  );
  expect(readdirSync(marker)).toEqual(['small.yaml']);
});
