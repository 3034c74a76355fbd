import { isDeepStrictEqual } from 'node:util';
import { targets } from '#lab/experiment/faults/kinds.ts';
import type { LocatedProblem } from '#lab/experiment/file/source.ts';
import type { Experiment, Fault } from '#lab/experiment/schema.ts';
import { defaultBroker } from '#lab/kit/topology/broker-options.ts';
import { serviceNames } from '#lab/kit/topology/names.ts';
import { callers, servicesBefore } from '#lab/kit/topology/paths.ts';
import type { Engine } from './testbed.ts';

/** Reports parts of an experiment that the engine doesn't support. */
export function unsupported(experiment: Experiment, engine: Engine): LocatedProblem[] {
  const { name, foreign, single } = engine;
  const { faults, variants, replicas, request, slowMotion } = experiment;
  const problems = faults.flatMap((fault, index) => impossible(fault, `/faults/${index}`, engine));
  const add = (pointer: string, message: string) => void problems.push({ pointer, message });
  for (const [variantName, variant] of Object.entries(variants)) {
    const pointer = `/variants/${variantName}`;
    const caller = callers[variant.path];
    for (const field of ['policies', 'changes'] as const)
      if (variant[field]?.length && foreign.includes(caller))
        add(`${pointer}/${field}`, `expected none, since the ${caller} is not Spillway's`);
    for (const field of ownFields)
      if (field in variant && !engine.runsClients)
        add(`${pointer}/${field}`, `expected none with --engine ${name}, which doesn't run code of yours`);
    const [first] = servicesBefore[variant.path];
    if (variant.request && !foreign.includes(first) && !('command' in variant))
      add(`${pointer}/request`, onlyForForeign(first));
    const isChanged = variant.path === 'event' && !isDeepStrictEqual(variant.broker, defaultBroker);
    if (isChanged && foreign.includes('nats'))
      add(`${pointer}/broker`, `expected none with --engine ${name}, since its broker already runs`);
  }
  const firsts = Object.values(variants).map(({ path }) => servicesBefore[path][0]);
  const hasCommand = Object.values(variants).some((variant) => 'command' in variant);
  if (request && !hasCommand && !firsts.some((first) => foreign.includes(first)))
    add('/request', onlyForForeign(firsts[0] ?? 'gateway'));
  for (const service of single === undefined ? [] : serviceNames)
    if (replicas[service] > 1)
      add(`/replicas/${service}`, `expected 1 with --engine ${name}, ${single}, got ${replicas[service]}`);
  const reason = atFullSpeedOnly(engine);
  if (slowMotion !== 1 && reason !== undefined)
    add('/slowMotion', `expected 1 (or --slow-motion 1), since ${reason}`);
  return problems;
}

/** Fields of a variant with code of the user. */
const ownFields = ['client', 'command'];

const onlyForForeign = (first: 'gateway' | 'publisher'): string =>
  `expected none for Spillway's own ${first}; with --engine attach --url ${first}=… your service replaces it`;

/** Explains why an engine can't run in slow motion: foreign services can't slow down. Undefined if it can. */
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
