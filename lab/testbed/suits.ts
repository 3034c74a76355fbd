import { isDeepStrictEqual } from 'node:util';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import type { Experiment, Fault } from '#lab/experiment/schema.ts';
import { targets } from '#lab/faults/kinds.ts';
import { defaultBroker } from '#lab/topology/broker-options.ts';
import { serviceNames } from '#lab/topology/names.ts';
import { callers } from '#lab/topology/paths.ts';
import type { Engine } from './engine.ts';

/** What an experiment asks for that the engine can't do. */
export function unsuited(experiment: Experiment, engine: Engine): LocatedProblem[] {
  const faults = experiment.faults.flatMap((fault, index) => impossible(fault, `/faults/${index}`, engine));
  const variants = Object.entries(experiment.variants).flatMap(([name, variant]) => {
    const caller = callers[variant.path];
    return variant.policies.length > 0 && engine.foreign.includes(caller)
      ? [
          {
            pointer: `/variants/${name}/policies`,
            message: `expected none, since the ${caller} is not Spillway's`,
          },
        ]
      : [];
  });
  const brokers = Object.entries(experiment.variants).flatMap(([name, variant]) =>
    variant.path === 'event' &&
    engine.foreign.includes('nats') &&
    !isDeepStrictEqual(variant.broker, defaultBroker)
      ? [
          {
            pointer: `/variants/${name}/broker`,
            message: `expected none with --engine ${engine.name}, since its broker runs already`,
          },
        ]
      : [],
  );
  return [
    ...faults,
    ...variants,
    ...brokers,
    ...several(experiment, engine),
    ...slowMotion(experiment, engine),
  ];
}

/** The timeouts of a service that is not Spillway's would not slow down. */
function slowMotion({ slowMotion }: Experiment, engine: Engine): LocatedProblem[] {
  const reason = atFullSpeedOnly(engine);
  if (slowMotion === 1 || reason === undefined) return [];
  return [{ pointer: '/slowMotion', message: `expected 1 (or --slow-motion 1), since ${reason}` }];
}

/** Explains why an engine can't run in slow motion; undefined if it can. */
export function atFullSpeedOnly({ foreign }: Engine): string | undefined {
  const services = serviceNames.filter((name) => foreign.includes(name));
  if (services.length === 0) return undefined;
  return `${services.join(', ')} ${services.length === 1 ? 'is' : 'are'} not Spillway's and can't slow down`;
}

function several({ replicas }: Experiment, { name, single }: Engine): LocatedProblem[] {
  if (single === undefined) return [];
  return serviceNames.flatMap((service) => {
    const message = `expected 1 with --engine ${name}, ${single}, got ${replicas[service]}`;
    return replicas[service] > 1 ? [{ pointer: `/replicas/${service}`, message }] : [];
  });
}

function impossible({ target, fault: { kind } }: Fault, pointer: string, engine: Engine): LocatedProblem[] {
  const kinds = engine.faults(target);
  if (kinds.includes(kind)) return [];
  const expect = (field: string, some: readonly string[], got: string) => [
    {
      pointer: `${pointer}/${field}`,
      message: `expected ${some.length > 1 ? 'one of ' : ''}${some.join(', ') || 'no fault'} with --engine ${engine.name}, got ${got}`,
    },
  ];
  if (kinds.length > 0) return expect('fault/kind', kinds, kind);
  return expect(
    'target',
    targets.filter((each) => engine.faults(each).length > 0),
    target,
  );
}
