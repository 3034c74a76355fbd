import type { Experiment } from '#lab/experiment/schema.ts';
import { comparesClocks, type LastEnds, lastEnds } from './claims.ts';
import { measure } from './measure.ts';
import type { VariantSource } from './observation/observation.ts';
import { readObservation } from './observation/read-observation.ts';
import type { ValidityCheck } from './result/result.ts';
import type { Machine } from './validity/limits.ts';
import { checkValidity } from './validity/validity.ts';

export interface VariantAnalysis extends Pick<ReturnType<typeof measure>, 'variant' | 'figures'> {
  readonly validity: readonly ValidityCheck[];
  readonly lastEnds: LastEnds;
  readonly comparesClocks: boolean;
}

/** Rejects with EvidenceError. */
export async function analyseVariant(
  experiment: Experiment,
  source: VariantSource,
  machine: Machine,
): Promise<VariantAnalysis> {
  const observed = await readObservation(experiment, source);
  const { variant, run, figures } = measure(experiment, observed);
  return {
    variant,
    figures,
    validity: checkValidity(experiment, { ...variant, figures }, observed, machine),
    lastEnds: lastEnds(experiment, variant, observed.requests),
    comparesClocks: comparesClocks(observed, run),
  };
}
