import { Ajv, type Options } from 'ajv';
import type { Static, TSchema } from 'typebox';
import { problemsOf } from './ajv-problems.ts';
import { type Problem, refuse } from './problems.ts';

/** Options of every Ajv of a process. */
export const ajvOptions = {
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
} satisfies Options;

const ajv = new Ajv(ajvOptions);

/**
 * Returns a function that checks a copy of a value and adds all defaults to it. The function throws InvalidError. Like
 * that of `checker`, it compiles the schema at its first call.
 */
export function parser<S extends TSchema>(schema: S): (value: unknown) => Static<S> {
  const check = checker(schema);
  return (value) => {
    const copy = structuredClone(value);
    refuse(check(copy));
    return copy as Static<S>;
  };
}

/** Returns a function that adds defaults to a value in place and returns its problems. */
export const checker =
  (schema: TSchema) =>
  (value: unknown): readonly Problem[] => {
    const validate = ajv.compile(schema); // once: Ajv keeps the result
    return validate(value) ? [] : problemsOf(validate.errors ?? []);
  };
