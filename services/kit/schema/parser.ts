import { Ajv, type ValidateFunction } from 'ajv';
import type { Static, TSchema } from 'typebox';
import { type Found, problemsOf } from './ajv-problems.ts';
import { type Problem, refuse } from './problems.ts';

const ajv = new Ajv({
  allErrors: true,
  useDefaults: true,
  discriminator: true,
  strict: false,
  strictNumbers: true, // JSON.parse reads 1e999 as infinity
  verbose: true,
  // A test validates the schemas. Doing it in each process would take 40 ms at the start.
  validateSchema: false,
  meta: false,
  code: { optimize: false }, // V8 optimizes as well, and commands start 0.1 s sooner
});

/**
 * Compiles a schema into a function that returns a checked copy of a value with all defaults. The function throws
 * InvalidError.
 */
export function parser<S extends TSchema>(schema: S): (value: unknown) => Static<S> {
  const check = checker(schema);
  return (value) => {
    const copy = structuredClone(value);
    refuse(check(copy));
    return copy as Static<S>;
  };
}

/** Compiles a schema into a function that adds defaults to a value in place and returns its problems. */
export function checker(schema: TSchema): (value: unknown) => readonly Problem[] {
  const find = finder(schema);
  return (value) => find(value).problems;
}

const none: Found = { problems: [], unknown: new Set() };

/**
 * Returns a function like that of `checker`, which also returns the pointers of unknown fields. It compiles the schema
 * at its first call: the schema of an experiment takes longer to compile than all other schemas of a simulation.
 */
export function finder(schema: TSchema): (value: unknown) => Found {
  let compiled: ValidateFunction | undefined;
  return (value) => {
    compiled ??= ajv.compile(schema);
    return compiled(value) ? none : problemsOf(compiled.errors ?? []);
  };
}
