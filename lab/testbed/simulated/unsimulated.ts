import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import { serviceNames } from '#lab/topology/names.ts';

/** Reports parts of an experiment that a simulation doesn't support. */
export function unsimulated({
  variants,
  faults,
  redrives,
  replicas,
  capacity,
}: Pick<Experiment, 'variants' | 'faults' | 'redrives' | 'replicas' | 'capacity'>): LocatedProblem[] {
  const notYet = (pointer: string, what: string): LocatedProblem => ({
    pointer,
    message: `not simulated yet: ${what}`,
  });
  const events = Object.entries(variants).filter(([, { path }]) => path === 'event');
  return [
    ...(capacity ? [notYet('/capacity', 'a load that is scaled to the measured capacity')] : []),
    ...serviceNames
      .filter((name) => replicas[name] > 1)
      .map((name) => notYet(`/replicas/${name}`, 'several processes of a service')),
    ...events.map(([name]) => notYet(`/variants/${name}/path`, 'the path event')),
    ...faults.map((_, index) => notYet(`/faults/${index}`, 'faults')),
    ...redrives.map((_, index) => notYet(`/redrives/${index}`, 'redrives')),
  ];
}
