import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { analyse as analyseEvidence } from '#lab/analysis/analyse.ts';
import { askedOf } from '#lab/analysis/asked.ts';
import { withSimulations } from '#lab/analysis/simulations.ts';
import { repeat } from '#lab/cli/conduct.ts';
import { readRun } from '#lab/evidence/reader.ts';
import { readExperiments } from '#lab/experiment/read.ts';
import type { Result } from '#lab/result/result.ts';
import { SpentTime, simulate as simulateOne } from '#lab/runner/simulate.ts';
import { commandLine } from '#lab/testbed/process/command-line.ts';
import { unsimulated } from '#lab/testbed/simulated/unsimulated.ts';

// This is the export `spillway`. What it gives to Vitest's tests belongs into this folder, too.

export interface SimulateOptions {
  /** Seed, instead of the experiment's. */
  readonly seed?: number;
  /** Number of rounds, instead of the experiment's; each uses the next seed. */
  readonly repeat?: number;
  /** Simulates only these variants, and judges the hypotheses that name no other. */
  readonly only?: readonly string[];
  /** New or empty folder for the evidence. @default a temporary one, which is removed */
  readonly folder?: string;
  /** Ends the simulation early. */
  readonly signal?: AbortSignal;
}

/**
 * Simulates an experiment in virtual time, and resolves with its judged result. `experiment` is a file, a name of the
 * course such as `01-burst`, or the fields of an experiment. Rejects with ExperimentError if it is invalid.
 */
export async function simulate(experiment: string | object, options: SimulateOptions = {}): Promise<Result> {
  const temporary = mkdtempSync(join(tmpdir(), 'spillway-'));
  try {
    const file = typeof experiment === 'string' ? experiment : written(experiment, temporary);
    const folder = options.folder ?? join(temporary, 'run');
    mkdirSync(folder, { recursive: true });
    return await simulateFile(file, folder, options);
  } finally {
    rmSync(temporary, { recursive: true });
  }
}

function written(experiment: object, folder: string): string {
  const file = join(folder, 'experiment.yaml');
  writeFileSync(file, stringify(experiment));
  return file;
}

async function simulateFile(path: string, folder: string, options: SimulateOptions): Promise<Result> {
  const { seed, repeat: rounds, only, signal = new AbortController().signal } = options;
  const instead = {
    ...(seed !== undefined && { seed }),
    ...(rounds !== undefined && { repeat: rounds }),
    slowMotion: 1,
  };
  const [file] = readExperiments([path], instead, unsimulated, only);
  const clock = new SpentTime();
  return repeat(file!, {
    ...{ clock, folder, signal },
    commandOf: (experiment) => commandLine(['simulate', path, '--seed', String(experiment.seed)]),
    onProgress: () => undefined,
    async conduct(one, rest) {
      const result = await simulateOne(one, rest);
      clock.add(result.durationMs);
      return result;
    },
  });
}

/**
 * Judges the evidence in the folder of a run, and resolves with the result. With `experiment`, a file, judges by that
 * instead of the run's own. Rejects with EvidenceError or ExperimentError.
 */
export async function analyse(
  folder: string,
  { experiment }: { readonly experiment?: string } = {},
): Promise<Result> {
  const evidence = await readRun(folder);
  return withSimulations(await analyseEvidence(askedOf(evidence, experiment), evidence), folder);
}
