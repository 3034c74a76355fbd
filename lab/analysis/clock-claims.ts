import { isShared } from '#lab/evidence/clocks.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { clockCheck } from '#lab/result/facts.ts';
import type { ValidityCheck, VariantResult } from '#lab/result/result.ts';
import { duration } from '#lab/text/format.ts';
import { type Alternatives, hypothesesOver, openHypotheses } from './flips.ts';
import { measure } from './measure.ts';
import type { Observation } from './observation/observation.ts';

/**
 * Returns a copy of an observation for `shiftedResults`; undefined if no figure compares two clocks. Two figures do:
 * - the outcome of an event whose completion was lost depends on the time of its effect;
 * - windows around faults depend on the lab's clock, and the requests in them on a load agent's clock.
 *
 * `measure` decides outcomes in place, so the copy must be made before.
 */
export function beforeReconciling(experiment: Experiment, observed: Observation): Observation | undefined {
  const { path } = experiment.variants[observed.name]!;
  if (!observed.clocks || (path === 'rpc' && !hasDistantLoad(observed))) return undefined;
  if (hypothesesOver(experiment, observed.name).length === 0) return undefined;
  return { ...observed, requests: observed.requests.copy() };
}

/** True if a load agent has another clock, and a window depends on the lab's clock. */
export const hasDistantLoad = ({ clocks, injected }: Pick<Observation, 'clocks' | 'injected'>): boolean =>
  injected.length > 0 &&
  (clocks?.processes ?? []).some(({ agent, readings }) => agent && !isShared(readings));

/**
 * Returns the results that a variant would have if its effects and faults came earlier or later by the error
 * of the clocks.
 */
export function shiftedResults(experiment: Experiment, observed: Observation): VariantResult[] {
  const { comparedWithinMs, loadWithinMs } = observed.clocks ?? { comparedWithinMs: 0, loadWithinMs: 0 };
  return [-1, 1].map((sign) => {
    const { effects, injected } = observed;
    const shifted = (times: Float64Array) => times.map((ms) => ms + sign * comparedWithinMs);
    return measure(experiment, {
      ...observed,
      requests: observed.requests.copy(),
      effects: {
        ...effects,
        firstAtMs: shifted(effects.firstAtMs),
        answeredAtMs: shifted(effects.answeredAtMs),
      },
      injected: injected.map((one) => ({
        ...one,
        beganAtMs: one.beganAtMs + sign * loadWithinMs,
        endedAtMs: one.endedAtMs + sign * loadWithinMs,
      })),
    });
  });
}

/**
 * Checks for each variant with readings of clocks if a verdict is finer than their error: if it changes when effects or
 * faults come earlier or later by this error. `others` has the results of `shiftedResults`.
 */
export function clockChecks(
  experiment: Experiment,
  variants: readonly VariantResult[],
  others: Alternatives,
): ValidityCheck[] {
  return variants.flatMap((variant) => {
    const { comparedWithinMs: errorMs } = variant.self;
    if (errorMs === undefined) return [];
    const open = openHypotheses(experiment, variant.name, variants, others);
    return {
      name: clockCheck,
      variant: variant.name,
      ok: open.length === 0,
      measured: open.length,
      limit: 0,
      unit: 'verdicts',
      finding: `effects and requests are compared to ${duration(errorMs)}, the error of the clocks`,
      meaning: `That could change the verdict on ${open.join('; ')}.`,
      remedy:
        'Run the lab, its load agents and the services closer together, e.g. in one network or on one machine. Or leave a wider margin in the hypothesis.',
    };
  });
}
