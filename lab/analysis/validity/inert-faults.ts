import { classOf } from '#kit/http/request.ts';
import { requestId } from '#kit/wire.ts';
import type { Observation } from '#lab/analysis/observation/observation.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { kindOf } from '#lab/faults/kinds.ts';
import type { FaultResult } from '#lab/result/incidents.ts';
import { serviceOf } from '#lab/topology/replicas.ts';

/** Luck alone strikes nobody, where so many are expected, once in 20,000 times. */
const expectedMin = 10;

type Observed = Pick<Observation, 'injected' | 'effects' | 'restarted'> & {
  readonly requests: Pick<Observation['requests'], 'scheduledAtMs'>;
  readonly summary: Pick<Observation['summary'], 'startedAtMs'>;
};

/** The names of the faults that struck nobody by downstream's count, though effects show that attempts came which they are for. */
export function inertFaults(
  experiment: Pick<Experiment, 'classes' | 'seed' | 'replicas'>,
  results: readonly FaultResult[],
  {
    injected,
    effects: { firstAtMs },
    requests: { scheduledAtMs },
    summary: { startedAtMs },
    restarted,
  }: Observed,
): string[] {
  // Who was killed may not have told of all.
  if (restarted.some((name) => serviceOf(name) === 'downstream')) return [];
  const suspects = injected.filter(
    ({ fault }) =>
      kindOf(fault).affects === 'all' &&
      results.some(({ name, affected }) => name === fault.name && affected === 0),
  );
  const inert = suspects.filter(({ fault: { target, fault }, beganAtMs, endedAtMs }) => {
    const { ratio = 1, class: ofClass } = fault as { ratio?: number; class?: string };
    const isMeant = (index: number) =>
      ofClass === undefined || classOf(experiment.classes, experiment.seed, requestId(index)) === ofClass;
    // Due and done while it was in force, so that all that was done for it was done then.
    const isWithin = (atMs: number, index: number) =>
      startedAtMs + scheduledAtMs[index]! >= beganAtMs && atMs < endedAtMs && isMeant(index);
    const effects = firstAtMs.reduce((sum, atMs, index) => sum + (isWithin(atMs, index) ? 1 : 0), 0);
    const share = target === 'downstream' ? 1 : 1 / experiment.replicas.downstream;
    return effects * share * ratio >= expectedMin;
  });
  return inert.map(({ fault }) => fault.name);
}
