import type { Static, TSchema } from 'typebox';
import { checkOf, cloned, type SchemaError } from './checks.ts';
import { type Problem, refuse } from './problems.ts';
import { problemsOf } from './schema-problems.ts';

/**
 * Returns a function that checks a copy of a value and adds all defaults to it. The function throws InvalidError. Like
 * that of `checker`, it compiles the schema at its first call.
 */
export function parser<S extends TSchema>(schema: S): (value: unknown) => Static<S> {
  const check = checker(schema);
  return (value) => {
    const copy = cloned(value);
    refuse(check(copy));
    return copy as Static<S>;
  };
}

/** Returns a function that adds defaults to a value in place and returns its problems. */
export function checker(schema: TSchema): (value: unknown) => readonly Problem[] {
  let check: ReturnType<typeof checkOf> | undefined;
  return (value) => {
    check ??= checkOf(schema);
    const errors: SchemaError[] = [];
    check(value, '', errors);
    return problemsOf(errors);
  };
}
