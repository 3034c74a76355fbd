import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { roundOf } from '#lab/analysis/statistics/estimates.ts';
import type { ExperimentFile } from '#lab/experiment/read.ts';
import { msMax } from '#lab/experiment/rules.ts';
import type { HypothesisResult, Result, Round } from '#lab/result/result.ts';
import { simulate } from '#lab/runner/simulate.ts';

/** Figures of one simulation: of one point with one seed. */
export interface Sample {
  readonly round: Round;
  readonly hypotheses: readonly Pick<HypothesisResult, 'ok' | 'left'>[];
  /** Reason why its figures don't count, if it ended early or was invalid. */
  readonly problem?: string;
}

/** Simulates an experiment with a seed. Its evidence is kept in a folder within `folder` until it is analysed. */
export async function sampleOf(file: ExperimentFile, seed: number, folder: string): Promise<Sample> {
  const own = mkdtempSync(join(folder, 'sample-'));
  try {
    // A point may congest the dependency for longer than the file expects. Waiting costs no real time.
    const one = { ...file, experiment: { ...file.experiment, seed, drainMs: msMax } };
    const signal = new AbortController().signal; // a worker ends by being terminated
    const result = await simulate(one, { folder: own, command: '', signal, onProgress() {} });
    const problem = problemIn(result);
    return {
      round: roundOf(result),
      hypotheses: result.hypotheses.map(({ ok, left }) => ({ ok, left })),
      ...(problem !== undefined && { problem }),
    };
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}

function problemIn({ errors, validity }: Result): string | undefined {
  const failed = validity.find(({ ok }) => !ok);
  const invalid = failed && `${failed.variant}: ${failed.name}: ${failed.finding}`;
  return errors[0]?.message ?? invalid;
}
