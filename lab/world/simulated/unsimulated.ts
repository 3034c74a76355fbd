import { escapePointer } from '#kit/schema/problems.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import type { Experiment } from '#lab/experiment/schema.ts';

/** Kinds of faults that need the bytes of a connection. */
const refused: readonly string[] = ['bandwidth'];

/** Reports parts of an experiment that a simulation doesn't support. */
export function unsimulated({ faults, variants }: Pick<Experiment, 'faults' | 'variants'>): LocatedProblem[] {
  const refuse = (pointer: string, what: string): LocatedProblem => ({
    pointer,
    message: `not simulated: ${what}`,
  });
  const clustered = Object.entries(variants).flatMap(([name, variant]) =>
    variant.path === 'event' && variant.broker.servers > 1
      ? refuse(
          `/variants/${escapePointer(name)}/broker/servers`,
          `a broker of ${variant.broker.servers} servers`,
        )
      : [],
  );
  return [
    ...clustered,
    ...faults.flatMap((fault, index) =>
      refused.includes(fault.fault.kind)
        ? refuse(`/faults/${index}/fault/kind`, `${fault.fault.kind} of ${fault.target}`)
        : [],
    ),
  ];
}
