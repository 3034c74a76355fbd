import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import type { Experiment, Fault } from '#lab/experiment/schema.ts';
import { serviceOf } from '#lab/topology/replicas.ts';

/** Reports parts of an experiment that a simulation doesn't support. */
export function unsimulated({
  variants,
  faults,
  redrives,
  capacity,
}: Pick<Experiment, 'variants' | 'faults' | 'redrives' | 'capacity'>): LocatedProblem[] {
  const notYet = (pointer: string, what: string): LocatedProblem => ({
    pointer,
    message: `not simulated yet: ${what}`,
  });
  const events = Object.entries(variants).filter(([, { path }]) => path === 'event');
  return [
    ...(capacity ? [notYet('/capacity', 'a load that is scaled to the measured capacity')] : []),
    ...events.map(([name]) => notYet(`/variants/${name}/path`, 'the path event')),
    ...faults.flatMap((fault, index) =>
      isSimulated(fault)
        ? []
        : notYet(`/faults/${index}/fault/kind`, `${fault.fault.kind} of ${fault.target}`),
    ),
    ...redrives.map((_, index) => notYet(`/redrives/${index}`, 'redrives')),
  ];
}

const isSimulated = ({ target, fault }: Fault): boolean =>
  ['downstream', 'gateway'].includes(serviceOf(target)) && fault.kind !== 'disconnect';
