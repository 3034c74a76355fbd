import { rmSync } from 'node:fs';
import { test } from '@fast-check/vitest';
import { expect } from 'vitest';
import { outcomes } from '#kit/wire.ts';
import { storeIn, variantFolder } from '#lab/evidence/folder.ts';
import { readRun } from '#lab/evidence/read-run.ts';
import type { ExperimentFile } from '#lab/experiment/read.ts';
import { analyse } from '#lab/judge/analyse.ts';
import { askedOf } from '#lab/judge/asked.ts';
import { anyExperiment, independentExperiment } from '#test/fixtures/any-experiment.ts';
import { measuredIn } from '#test/support/figures.ts';
import { folders } from '#test/support/folder.ts';
import { evidenceIn, simulated } from '#test/support/simulated.ts';

const newFolder = folders();
const numRuns = Number(process.env.SPILLWAY_PROPERTY_RUNS ?? 20);

const recordOf = (folder: string, name: string, offered: number) =>
  storeIn(variantFolder(folder, name)).requests(offered);

/** Returns the calls that were sent, and failed without an attempt. Such a call was refused, and so must say so. */
async function failedUntried(folder: string, name: string, offered: number): Promise<number[]> {
  const record = await recordOf(folder, name, offered);
  const isSent = (index: number) => !Number.isNaN(record.lagMs[index]);
  return Array.from({ length: offered }, (_, index) => index).filter(
    (index) => record.outcome(index) === 'failed' && isSent(index) && record.attempts[index] === 0,
  );
}

test.prop([anyExperiment], { numRuns, endOnFailure: true })(
  'any experiment balances its ledger, loses nothing, is judged again alike, and repeats its evidence',
  async (file) => {
    const { folder, result } = await simulated(file, newFolder());
    expect(result.errors).toEqual([]);
    expect(result.variants.map(({ name }) => name)).toEqual(Object.keys(file.experiment.variants));
    for (const { name, path, ledger, lost, offered, ...values } of measuredIn(result)) {
      expect(ledger.checks.filter(({ ok }) => !ok)).toEqual([]);
      expect(lost).toBe(0);
      expect(outcomes.reduce((sum, outcome) => sum + values[outcome], 0)).toBe(offered);
      if (path === 'rpc') expect(await failedUntried(folder, name, offered)).toEqual([]);
    }
    const evidence = await readRun(folder);
    expect(await analyse(askedOf(evidence), evidence)).toEqual(result);
    const again = await simulated(file, newFolder());
    expect(evidenceIn(again.folder)).toEqual(evidenceIn(folder));
    for (const each of [folder, again.folder]) rmSync(each, { recursive: true });
  },
  600_000,
);

/** Simulates the experiment; resolves with outcome and latency of each of the first `count` requests. */
async function requestsOf(file: ExperimentFile, count?: number) {
  const { folder, result } = await simulated(file, newFolder());
  const { name, offered } = measuredIn(result)[0]!;
  const record = await recordOf(folder, name, offered);
  rmSync(folder, { recursive: true });
  return Array.from({ length: count ?? offered }, (_, i) => [record.outcome(i), record.latencyMs[i]]);
}

test.prop([independentExperiment], { numRuns: Math.ceil(numRuns / 3), endOnFailure: true })(
  'requests that share nothing end as they do without the requests after them',
  async (file) => {
    const { experiment } = file;
    const first = { ...file, experiment: { ...experiment, load: [experiment.load[0]!] } };
    const alone = await requestsOf(first);
    expect(await requestsOf(file, alone.length)).toEqual(alone);
  },
  600_000,
);
