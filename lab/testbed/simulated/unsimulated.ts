import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import type { Experiment, Fault } from '#lab/experiment/schema.ts';

/** Reports parts of an experiment that a simulation doesn't support. */
export function unsimulated({ faults }: Pick<Experiment, 'faults'>): LocatedProblem[] {
  const notYet = (pointer: string, what: string): LocatedProblem => ({
    pointer,
    message: `not simulated yet: ${what}`,
  });
  return [
    ...faults.flatMap((fault, index) =>
      isSimulated(fault)
        ? []
        : notYet(`/faults/${index}/fault/kind`, `${fault.fault.kind} of ${fault.target}`),
    ),
  ];
}

const isSimulated = ({ fault }: Fault): boolean => fault.kind !== 'disconnect';
