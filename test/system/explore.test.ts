import { existsSync, globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parser } from '#kit/schema/parser.ts';
import { SweepResult } from '#lab/explore/result.ts';
import { queue } from '#test/fixtures/queue.ts';
import { marker, spillway, withMarker } from '#test/support/marked.ts';
import { until } from '#test/support/until.ts';

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

test('sweep writes what it simulated before an interrupt', async () => {
  const run = spillway(['sweep', writeQueue(2000), '--vary', 'load*=0.5..1/0.5', '--seeds', '250']);
  await run.said(/^10 %: /m);
  run.child.kill('SIGINT');
  const { code, stdout } = await run.ended();
  expect(code).toBe(105);
  expect(stdout).toMatch(/^2 points over load\*, interrupted after \d.* of 250 seeds each\.$/m);
  const [folder = ''] = foldersIn(run.out, 'sweep');
  expect(readdirSync(folder).sort()).toEqual(['sweep.csv', 'sweep.html', 'sweep.json']);
  expect(sweepIn(folder).status).toBe('interrupted');
});

test('an interrupt ends a simulation that computes without a pause', async () => {
  const run = spillway(['simulate', writeQueue(10_000_000)]);
  await until(
    () => globSync(join(run.out, '**', 'requests.csv')).length > 0,
    'requests are recorded',
    60_000,
  );
  run.child.kill('SIGTERM');
  const { code, stdout } = await run.ended();
  expect(code).toBe(105);
  expect(stdout).toMatch(/Interrupted: The run was stopped/);
});
