import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { serviceNames } from '#lab/topology/names.ts';

/** Reports parts of an experiment that a simulation doesn't support. */
export function unsimulated({
  faults,
  replicas,
  capacity,
}: Pick<Experiment, 'faults' | 'replicas' | 'capacity'>): LocatedProblem[] {
  const notYet = (pointer: string, what: string): LocatedProblem => ({
    pointer,
    message: `not simulated yet: ${what}`,
  });
  return [
    ...(capacity ? [notYet('/capacity', 'a load that is scaled to the measured capacity')] : []),
    ...serviceNames
      .filter((name) => replicas[name] > 1)
      .map((name) => notYet(`/replicas/${name}`, 'several processes of a service')),
    ...faults.map((_, index) => notYet(`/faults/${index}`, 'faults')),
  ];
}
