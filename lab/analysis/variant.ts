import { deadlinesOf } from '#lab/experiment/deadlines.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import type { ValidityCheck, VariantResult } from '#lab/result/result.ts';
import { alternatives } from './flips.ts';
import { comparePredictions } from './hypotheses/predictions.ts';
import { measure } from './measure.ts';
import type { Source } from './observation/observation.ts';
import { readObservation } from './observation/read-observation.ts';
import type { Machine } from './validity/calm.ts';
import { checkValidity } from './validity/validity.ts';

/** Figures of a variant, and its validity checks. */
export interface VariantAnalysis {
  readonly result: VariantResult;
  readonly validity: readonly ValidityCheck[];
  /** Results with other outcomes of the requests that stalls affected. */
  readonly alternatives: readonly VariantResult[];
}

/** Analyses a variant of an experiment. Rejects with EvidenceError. */
export async function analyseVariant(
  experiment: Experiment,
  source: Source,
  machine: Machine,
): Promise<VariantAnalysis> {
  const observed = await readObservation(experiment, source);
  const measured = measure(experiment, observed, deadlinesOf(experiment));
  const result = { ...measured, predictions: comparePredictions(experiment, measured) };
  return {
    result,
    validity: checkValidity(experiment, result, observed, machine),
    alternatives: alternatives(experiment, result, observed),
  };
}
