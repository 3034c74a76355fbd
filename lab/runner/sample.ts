import { mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { roundOf } from '#lab/analysis/statistics/estimates.ts';
import type { ExperimentFile } from '#lab/experiment/read.ts';
import type { HypothesisResult, Result, Round } from '#lab/result/result.ts';
import { type SimulateOptions, simulate } from './simulate.ts';

/** Figures of one simulation: of one experiment with one seed. */
export interface Sample {
  readonly round: Round;
  readonly hypotheses: readonly (Pick<HypothesisResult, 'ok' | 'left'> &
    Partial<Pick<HypothesisResult, 'right'>>)[];
  /** Reason why its figures don't count, if it ended early or a variant was invalid. */
  readonly problem?: string;
}

/** `folder` holds the evidence until it is analysed. */
type SampleOptions = Pick<SimulateOptions, 'folder' | 'overheads' | 'withoutFaults'>;

/** Simulates an experiment with a seed. */
export async function sampleOf(
  file: ExperimentFile,
  seed: number,
  { folder, ...options }: SampleOptions,
): Promise<Sample> {
  const own = mkdtempSync(join(folder, 'sample-'));
  try {
    const seeded = { ...file, experiment: { ...file.experiment, seed } };
    const signal = new AbortController().signal; // a thread ends by being terminated
    const result = await simulate(seeded, { ...options, folder: own, command: '', signal, onProgress() {} });
    const problem = problemIn(result);
    const isWhole = result.errors.length === 0;
    return {
      round: roundOf(result),
      hypotheses: result.hypotheses.map(({ ok, left, right }) => ({ ok: isWhole ? ok : null, left, right })),
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
