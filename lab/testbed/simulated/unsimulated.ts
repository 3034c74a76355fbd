import { escapePointer } from '#kit/schema/problems.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import type { Experiment, Fault } from '#lab/experiment/schema.ts';

/** Reports parts of an experiment that a simulation doesn't support. */
export function unsimulated({ faults, variants }: Pick<Experiment, 'faults' | 'variants'>): LocatedProblem[] {
  const notYet = (pointer: string, what: string): LocatedProblem => ({
    pointer,
    message: `not simulated yet: ${what}`,
  });
  const clustered = Object.entries(variants).flatMap(([name, variant]) =>
    variant.path === 'event' && variant.broker.servers > 1
      ? notYet(
          `/variants/${escapePointer(name)}/broker/servers`,
          `a broker of ${variant.broker.servers} servers`,
        )
      : [],
  );
  return [
    ...clustered,
    ...faults.flatMap((fault, index) =>
      isSimulated(fault)
        ? []
        : notYet(`/faults/${index}/fault/kind`, `${fault.fault.kind} of ${fault.target}`),
    ),
  ];
}

const isSimulated = ({ fault }: Fault): boolean => fault.kind !== 'disconnect';
