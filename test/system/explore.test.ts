import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, test } from 'vitest';
import { parser } from '#kit/schema/parser.ts';
import { readExperiment } from '#lab/experiment/read.ts';
import { SweepResult } from '#lab/explore/result.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { queue } from '#test/fixtures/queue.ts';
import { measuredIn } from '#test/support/figures.ts';
import { marker, spillway, survivors, withMarker } from '#test/support/marked.ts';

withMarker();

/** Writes the experiment. Returns the file. */
function writeQueue(forMs?: number): string {
  const file = join(marker, 'queue.yaml');
  writeFileSync(file, queue(forMs));
  return file;
}

const foldersIn = (out: string, kind: string) => {
  const parent = join(out, 'queue', kind);
  return existsSync(parent) ? readdirSync(parent).map((name) => join(parent, name)) : [];
};

const sweepIn = (folder: string) =>
  parser(SweepResult)(JSON.parse(readFileSync(join(folder, 'sweep.json'), 'utf8')));

test('sweep --verify runs the point nearest the boundary on sockets, and compares it with its simulations', async () => {
  const file = writeQueue();
  // 30 requests take 3 s of their 20 s, and 600 would take 60 s, so that a slow machine has the same outcomes.
  const path = 'load.arrivals.ratePerSecond';
  const lenient = { lagP99Ms: 60_000, stallMs: 60_000, sleepExcessP99Ms: 60_000, faultDelayMs: 60_000 };
  const limits = JSON.stringify({ ...lenient, reason: 'the command is tested and not the machine' });
  const slow = queue()
    .replace('deadlineMs: 500', 'deadlineMs: 20000')
    .replace('queue: 5', 'queue: 1000')
    .replace('latencyMs: 10 ', 'latencyMs: 100 ');
  writeFileSync(file, `${slow}drainMs: 60000\nvalidity: ${limits}\n`);
  const run = spillway(['sweep', file, '--vary', `${path}=20,30,600`, '--seeds', '2', '--verify', '1']);
  const { code, stdout, stderr } = await run.ended();
  expect(code, stderr).toBe(0);
  // Nothing runs on sockets before all points are simulated.
  expect(stderr).toMatch(/100 %: 6 of 6 simulations of 3 points\nOn sockets, 1 of 1: \S+=30\n/);
  expect(stdout).toContain(`On sockets:\n  ${path}=30: agrees\n`);
  const [folder = ''] = foldersIn(run.out, 'sweep');
  const own = join(folder, 'verified', '1');
  const { status, verified } = sweepIn(folder);
  const judged = { what: 'goodput(calls) > 0.9', measured: true, probability: 1, agrees: true };
  const unknown = { what: 'metastable(calls)', measured: null, probability: null, agrees: null };
  expect({ status, verified }).toEqual({
    status: 'complete',
    verified: [
      {
        values: [30],
        folder: relative(marker, own),
        status: 'held',
        checks: [unknown, judged],
        agrees: true,
      },
    ],
  });
  const { load } = readExperiment(join(own, 'queue.yaml')).experiment;
  expect(load[0]!.arrivals).toMatchObject({ ratePerSecond: 30 });
  const result: Result = JSON.parse(readFileSync(join(own, 'result.json'), 'utf8'));
  expect(measuredIn(result).map(({ name, offered }) => [name, offered > 0])).toEqual([['calls', true]]);
  expect(result.rounds).toBeUndefined();
  expect(existsSync(join(own, 'report.html'))).toBe(true);
  expect(survivors()).toEqual([]);
});

test('sweep writes what it simulated before an interrupt', async () => {
  const run = spillway(['sweep', writeQueue(2000), '--vary', 'load*=0.5..1/0.5', '--seeds', '250', '--yes']);
  await run.said(/^10 %: /m);
  run.child.kill('SIGINT');
  const { code, stdout } = await run.ended();
  expect(code).toBe(105);
  expect(stdout).toMatch(/^Interrupted: points that lack seeds are marked \*\./m);
  const [folder = ''] = foldersIn(run.out, 'sweep');
  expect(readdirSync(folder).sort()).toEqual(['sweep.csv', 'sweep.html', 'sweep.json']);
  expect(sweepIn(folder).status).toBe('interrupted');
});
