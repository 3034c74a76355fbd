import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Result } from '#lab/judge/result/result.ts';
import { marker } from './marked.ts';
import { spillwayHere } from './spillway-here.ts';

/** Writes an experiment of `forMs` with one variant per path. Returns the file. */
export function writeExperiment(forMs: number, more = ''): string {
  const file = join(marker, 'small.yaml');
  writeFileSync(
    file,
    `title: Small
deadlineMs: 60000
drainMs: 60000
connections: 50
warmup: { requests: 25, concurrency: 10 }
load: [{ arrivals: { kind: constant, ratePerSecond: 50, forMs: ${forMs} } }]
downstream: { model: { kind: fixed, latencyMs: 5 } }
variants:
  calls: { path: rpc, policies: [{ timeout: { ms: 20000 } }] }
  events: { path: event, policies: [{ timeout: { ms: 20000 } }] }
validity: { lagP99Ms: 60000, stallMs: 60000, sleepExcessP99Ms: 60000, faultDelayMs: 60000, reason: the command is tested and not the machine }
${more}`,
  );
  return file;
}

/** Writes an experiment of `forMs` with only the variant `calls`. Returns the file. */
export function writeCalls(forMs: number, more = ''): string {
  const file = writeExperiment(forMs, more);
  writeFileSync(file, readFileSync(file, 'utf8').replace(/^ {2}events: .*\n/m, ''));
  return file;
}

/** Returns the folder of the only run. */
export const folderIn = (out: string, experiment = 'small'): string =>
  join(out, experiment, readdirSync(join(out, experiment))[0]!);

/** Returns the result of the only run, and checks that all of its files exist. */
export function resultIn(out: string, experiment?: string): Result {
  const folder = folderIn(out, experiment);
  for (const file of ['report.html', 'junit.xml']) expect(existsSync(join(folder, file))).toBe(true);
  return resultOf(folder);
}

export const resultOf = (folder: string): Result =>
  JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8'));

/** Runs `judge --json` on a run. Resolves with its exit code, the result and the folder of the written result. */
export async function judged(run: string, ...more: readonly string[]) {
  const { code, stdout, stderr } = await spillwayHere(['judge', run, '--json', ...more]);
  expect(stderr).toBe('');
  const { folder, ...result } = JSON.parse(stdout) as Result & { folder: string };
  return { code, folder, result };
}
