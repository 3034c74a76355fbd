import { isDeepStrictEqual } from 'node:util';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import type { Experiment, Fault } from '#lab/experiment/schema.ts';
import { targets } from '#lab/faults/kinds.ts';
import { defaultBroker } from '#lab/topology/broker-options.ts';
import { serviceNames } from '#lab/topology/names.ts';
import { callers } from '#lab/topology/paths.ts';
import type { Engine } from './testbed.ts';

/** Returns what an experiment asks for that the engine can't do. */
export function unsupported(experiment: Experiment, engine: Engine): LocatedProblem[] {
  const { name, foreign, single } = engine;
  const { faults, variants, replicas, slowMotion } = experiment;
  const problems = faults.flatMap((fault, index) => impossible(fault, `/faults/${index}`, engine));
  const add = (pointer: string, message: string) => void problems.push({ pointer, message });
  for (const [variantName, variant] of Object.entries(variants)) {
    const caller = callers[variant.path];
    if (variant.policies.length > 0 && foreign.includes(caller))
      add(`/variants/${variantName}/policies`, `expected none, since the ${caller} is not Spillway's`);
    if (
      variant.path === 'event' &&
      foreign.includes('nats') &&
      !isDeepStrictEqual(variant.broker, defaultBroker)
    )
      add(
        `/variants/${variantName}/broker`,
        `expected none with --engine ${name}, since its broker already runs`,
      );
  }
  for (const service of single === undefined ? [] : serviceNames)
    if (replicas[service] > 1)
      add(`/replicas/${service}`, `expected 1 with --engine ${name}, ${single}, got ${replicas[service]}`);
  const reason = atFullSpeedOnly(engine);
  if (slowMotion !== 1 && reason !== undefined)
    add('/slowMotion', `expected 1 (or --slow-motion 1), since ${reason}`);
  return problems;
}

/** Explains why an engine can't run in slow motion; undefined if it can. Timeouts of foreign services would not slow down. */
export function atFullSpeedOnly({ foreign }: Engine): string | undefined {
  const services = serviceNames.filter((name) => foreign.includes(name));
  if (services.length === 0) return undefined;
  return `${services.join(', ')} ${services.length === 1 ? 'is' : 'are'} not Spillway's and can't slow down`;
}

function impossible({ target, fault: { kind } }: Fault, pointer: string, engine: Engine): LocatedProblem[] {
  const kinds = engine.faults(target);
  if (kinds.includes(kind)) return [];
  const expect = (field: string, some: readonly string[], got: string) => {
    const expected = `${some.length > 1 ? 'one of ' : ''}${some.join(', ') || 'no fault'}`;
    const message = `expected ${expected} with --engine ${engine.name}, got ${got}`;
    return [{ pointer: `${pointer}/${field}`, message }];
  };
  if (kinds.length > 0) return expect('fault/kind', kinds, kind);
  const possible = targets.filter((each) => engine.faults(each).length > 0);
  return expect('target', possible, target);
}
