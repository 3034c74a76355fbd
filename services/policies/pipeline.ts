import type { Static, TSchema } from 'typebox';
import { Abort } from '#kit/abort.ts';
import { type Problem, refuse, within } from '#kit/schema/problems.ts';
import { oneOfKeys } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { classOf, onlyFor } from './class.ts';
import type { PolicyEvent } from './declared.d.ts';
import { breaker, bulkhead, type Definition, deadline, retry, timeout } from './definitions.ts';
import type { Policy, Surroundings } from './policy.ts';

/** Every policy by its name in an experiment. */
export const policies = { deadline, retry, breaker, bulkhead, timeout };

export type PolicyName = keyof typeof policies;
type Schemas = { [Name in PolicyName]: (typeof policies)[Name]['schema'] };
const schemas = Object.fromEntries(
  Object.entries(policies).map(([name, { schema }]) => [name, schema]),
) as Schemas;

export const Pipeline = Type.Array(oneOfKeys(schemas), {
  default: [],
  maxItems: 20,
  description: 'Policies of a call, outermost first.',
});
export type PolicySpec = Static<typeof Pipeline>[number];

/** Surroundings of all policies; `emit` also receives the position of the policy in the pipeline, from 0. */
interface PipelineSurroundings extends Omit<Surroundings, 'emit' | 'controller'> {
  readonly emit: (event: PolicyEvent, position: number) => void;
}

/** Builds the policies, each with separate state, and composes them outermost first. Throws InvalidError. */
export function pipeline(specs: readonly PolicySpec[], surroundings: PipelineSurroundings): Policy {
  refuse(problems(specs));
  const built = specs.map((spec, position) => {
    const { options, definition, ofClass } = take(spec);
    const policy = definition.create(options, {
      ...surroundings,
      controller: () => new Abort(),
      emit: (event) => surroundings.emit(event, position),
    });
    return onlyFor(ofClass, policy);
  });
  return (next) => built.reduceRight((call, policy) => policy(call), next);
}

/**
 * Returns contradictions in valid specs, which the schema can't detect. Pointers begin with `pointer`; undefined specs
 * are skipped.
 */
export function problems(specs: readonly (PolicySpec | undefined)[], pointer = ''): Problem[] {
  return specs.flatMap((spec, index) => {
    if (!spec) return [];
    const { name, options, definition } = take(spec);
    return within(`${pointer}/${index}/${name}`, definition.problems?.(options) ?? []);
  });
}

/** Returns the maximum number of attempts per call of the pipeline: the product over its policies. */
export const maxAttempts = (specs: readonly PolicySpec[]): number =>
  specs
    .map(take)
    .reduce((attempts, { options, definition }) => attempts * (definition.attempts?.(options) ?? 1), 1);

/** Returns the longest time in ms of a call of the pipeline, if an attempt may take forever. Infinity if there is no limit. */
export const longestMs = (specs: readonly PolicySpec[]): number =>
  specs
    .map(take)
    .reduceRight((ms, { options, definition }) => definition.longestMs?.(options, ms) ?? ms, Infinity);

function take(spec: PolicySpec) {
  const [name, options] = Object.entries(spec)[0]!;
  const definition: Definition<TSchema> = policies[name as PolicyName];
  return { name, options, definition, ofClass: classOf(options) };
}

/** Returns the classes that policies are limited to, each with its pointer. */
export const classesOf = (specs: readonly PolicySpec[]): { pointer: string; name: string }[] =>
  specs.flatMap((spec, index) => {
    const { name, ofClass } = take(spec);
    return ofClass === undefined ? [] : [{ pointer: `/${index}/${name}/class`, name: ofClass }];
  });
