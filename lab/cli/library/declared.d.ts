import type { Experiment } from './experiment.d.ts';
import type { Result, RunRecord, VariantRecord } from './result.d.ts';

export type { Experiment, Result, RunRecord, VariantRecord };

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
 * course such as `01-burst`, or the fields of an experiment. Rejects if it is invalid, with all problems.
 */
export function simulate(experiment: string | Experiment, options?: SimulateOptions): Promise<Result>;

/**
 * Judges the evidence in the folder of a run, and resolves with the result. With `experiment`, a file, judges by that
 * instead of the run's own.
 */
export function analyse(folder: string, options?: { readonly experiment?: string }): Promise<Result>;
