import type { TSchema } from 'typebox';
import { ClassName } from '#kit/schema/schema.ts';
import type { Policy } from './policy.ts';

/** Adds the field `class` to the options, in each alternative if there are several. */
export function withClass<S extends TSchema>(schema: S): S {
  const { oneOf, properties } = schema as { oneOf?: TSchema[]; properties?: object };
  const field = ClassName('Applies only to requests of this class; others skip the policy.');
  return oneOf
    ? { ...schema, oneOf: oneOf.map(withClass) }
    : { ...schema, properties: { ...properties, class: field } };
}

export const classOf = (options: object): string | undefined => (options as { class?: string }).class;

/** Applies the policy to requests of a class; others skip it. Without a class, it applies to all. */
export const onlyFor = (ofClass: string | undefined, policy: Policy): Policy =>
  ofClass === undefined
    ? policy
    : (next) => {
        const guarded = policy(next);
        return (work, signal) => (work.class === ofClass ? guarded : next)(work, signal);
      };
