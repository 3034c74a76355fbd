import type { Experiment } from '#lab/experiment/schema.ts';
import type { ValidityCheck, VariantResult } from '#lab/result/result.ts';
import { comparesClocks } from './clock-claims.ts';
import { measure } from './measure.ts';
import type { VariantSource } from './observation/observation.ts';
import { readObservation } from './observation/read-observation.ts';
import { type LastEnds, lastEnds } from './stall-claims.ts';
import type { Machine } from './validity/slow-machine.ts';
import { checkValidity } from './validity/validity.ts';

export interface VariantAnalysis {
  readonly result: VariantResult;
  readonly validity: readonly ValidityCheck[];
  readonly lastEnds: LastEnds;
  /** True if figures of the variant compare two clocks. */
  readonly comparesClocks: boolean;
}

/** Analyses a variant of an experiment. Rejects with EvidenceError. */
export async function analyseVariant(
  experiment: Experiment,
  source: VariantSource,
  machine: Machine,
): Promise<VariantAnalysis> {
  const observed = await readObservation(experiment, source);
  const result = measure(experiment, observed);
  return {
    result,
    validity: checkValidity(experiment, result, observed, machine),
    lastEnds: lastEnds(experiment, result, observed.requests),
    comparesClocks: comparesClocks(observed, result),
  };
}
