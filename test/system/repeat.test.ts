import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { marker, spillway, survivors, withMarker } from '#test/support/marked.ts';
import { folderIn, judged, resultOf } from '#test/support/small-run.ts';

withMarker();

function writeExperiment(...variants: string[]): string {
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
variants: { ${['calls', ...variants].map((name) => `${name}: { path: rpc }`).join(', ')} }
validity: { lagP99Ms: 500, stallMs: 500, sleepExcessP99Ms: 500, reason: the command is tested and not the machine }
hypothesis: [goodput(calls) > 0.9, goodput(calls) < 0.9]
`,
  );
  return file;
}

test('run --repeat gives each round the next seed, separate processes and a result, begins it with the next variant, and judges over all', async () => {
  const listed = ['calls', 'others', 'thirds'];
  const file = writeExperiment(...listed.slice(1));
  const run = spillway(['run', '--no-predict', '--verbose', file, '--repeat', '3']);
  const { code, stdout, stderr } = await run.ended();
  expect(code).toBe(99);
  expect(stdout).toMatch(/Means over 3 rounds/);
  const begun = stderr.matchAll(/\[round (\d)\/3, seed \d+\] \[(\d)\/3\] (\w+): run 0\.0 /gm);
  expect(Array.from(begun, ([, round, place, name]) => `${round}.${place} ${name}`)).toEqual([
    ...['1.1 calls', '1.2 others', '1.3 thirds'],
    ...['2.1 others', '2.2 thirds', '2.3 calls'],
    ...['3.1 thirds', '3.2 calls', '3.3 others'],
  ]);
  const folder = folderIn(run.out);
  const original = resultOf(folder);
  const { status, command, hypotheses, rounds } = original;
  expect({ status, command }).toEqual({
    status: 'failed',
    command: expect.stringMatching(/ run \S+ --seed 7 --repeat 3$/),
  });
  expect(hypotheses).toMatchObject([
    { ok: true, rounds: { of: 3, held: 3 } },
    { ok: false, rounds: { of: 3, held: 0 } },
  ]);
  const each = rounds!.map(({ seed }) => resultOf(join(folder, 'rounds', String(seed))));
  expect(each.map(({ experiment, command }) => [experiment.seed, command.replace(/.* --seed/, '')])).toEqual([
    [7, ' 7 --repeat 1'],
    [8, ' 8 --repeat 1'],
    [9, ' 9 --repeat 1'],
  ]);
  expect(rounds!.map(({ variants }) => variants[0]!.values.offered)).toEqual(
    each.map(({ variants }) => variants[0]!.offered),
  );
  for (const [i, { variants }] of rounds!.entries()) {
    expect(variants.map(({ name }) => name)).toEqual(listed);
    const { variants: own, validity } = each[i]!;
    expect(own.map(({ name }) => name)).toEqual(listed);
    expect([...new Set(validity.map(({ variant }) => variant))]).toEqual(listed);
  }
  const logs = each.map((_, i) => join(folder, 'rounds', String(7 + i), 'logs', 'downstream.log'));
  const pids = logs.map((log) => /"pid":(\d+)/.exec(readFileSync(log, 'utf8'))?.[1]);
  expect(new Set(pids).size).toBe(3);

  // `judge` gives the same results with the same experiment, and other results with another experiment.
  const same = await judged(folder, { experiment: file });
  expect(same).toMatchObject({ code: 99, result: original });
  for (const [i, { seed }] of rounds!.entries())
    expect(resultOf(join(same.folder, 'rounds', String(seed)))).toEqual(each[i]);
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace(/^hypothesis.*/m, 'hypothesis: [goodput(calls) > 0.9]'),
  );
  expect(await judged(folder, { experiment: file })).toMatchObject({
    code: 0,
    result: { hypotheses: [{ ok: true, rounds: { of: 3 } }] },
  });
});

test('run --repeat writes on a Ctrl-C what it has of all rounds, and begins no other', async () => {
  const run = spillway(['run', '--no-predict', '--verbose', writeExperiment()]);
  await run.said(/round 2\/9, seed 8\] \[1\/1\] calls: run/);
  run.interrupt();
  const { code } = await run.ended();
  expect(code).toBe(105);
  const folder = folderIn(run.out);
  const { status, errors, rounds } = resultOf(folder);
  expect(status).toBe('interrupted');
  expect(errors).toMatchObject([
    { name: 'interrupted', message: expect.stringMatching(/ \(with seed 8\)$/) },
  ]);
  expect(rounds).toMatchObject([
    { seed: 7, status: 'failed', variants: [{ name: 'calls' }] },
    { seed: 8, status: 'interrupted', variants: [] },
  ]);
  expect(existsSync(join(folder, 'report.html'))).toBe(true);
  expect(survivors()).toEqual([]);
});
