import { TestbedError } from '#lab/errors/testbed-error.ts';
import { scaleArrivals } from '#load/arrivals/kinds.ts';
import { checkLoad } from '#load/phases.ts';
import type { Experiment } from './schema.ts';

/**
 * The experiment with the rates of its load as they are for a capacity of `perSecond`, instead of the one that the file
 * was written for. Throws TestbedError when that is more than a load may have.
 */
export function scaledTo(experiment: Experiment, perSecond: number): Experiment {
  const { capacity, load, seed } = experiment;
  if (!capacity) return experiment;
  const factor = perSecond / capacity.nominalPerSecond;
  const scaled = load.map((phase) => ({ ...phase, arrivals: scaleArrivals(phase.arrivals, factor) }));
  const [problem] = checkLoad(scaled, seed);
  if (problem)
    throw new TestbedError(
      'too-much-load',
      `with a capacity of ${perSecond.toFixed(1)}/s the load is invalid: ${problem.message}`,
    );
  return { ...experiment, load: scaled };
}
