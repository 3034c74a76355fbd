import type { Experiment, Variant } from '#lab/experiment/schema.ts';
import type { LocatedProblem } from '#lab/experiment/source.ts';
import type { Engine } from './engines.ts';

/** What an experiment asks for that the engine can't do. */
export function unsuited(experiment: Experiment, engine: Engine): LocatedProblem[] {
  const faults = experiment.faults.flatMap(({ fault: { kind } }, index) =>
    engine.faults.includes(kind)
      ? []
      : [{ pointer: `/faults/${index}/fault/kind`, message: refusal(kind, engine) }],
  );
  const variants = Object.entries(experiment.variants).flatMap(([name, variant]) => {
    const caller = callerOf(variant);
    return variant.policies.length > 0 && engine.foreign.includes(caller)
      ? [
          {
            pointer: `/variants/${name}/policies`,
            message: `expected none, since the ${caller} is not Spillway's`,
          },
        ]
      : [];
  });
  return [...faults, ...variants];
}

const callerOf = ({ path }: Variant) => (path === 'rpc' ? 'gateway' : 'consumer');

function refusal(kind: string, { name, faults }: Engine): string {
  const possible = faults.length > 0 ? `one of ${faults.join(', ')}` : 'no faults';
  return `expected ${possible} with --engine ${name}, got ${kind}`;
}
