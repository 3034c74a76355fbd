import type { Static, TSchema } from 'typebox';
import { checkOf, cloned, type SchemaError } from './checks.ts';
import { type Problem, refuse, segmentsOf } from './problems.ts';
import { isRecord } from './schema.ts';
import { problemsOf } from './schema-problems.ts';

/** Value without the fields and entries that its schema refuses. A refused entry is undefined. */
export type ValidParts<T> = { [K in keyof T]?: Entries<T[K]> };
type Entries<V> = V extends readonly (infer E)[] ? (E | undefined)[] : V;

/**
 * Returns a function that checks a copy of a value and adds all defaults to it. `contradictions` finds problems that a
 * schema can't express. The function throws InvalidError with the problems of both kinds. Like that of `checker`, it
 * compiles the schema at its first call.
 */
export function parser<S extends TSchema>(
  schema: S,
  contradictions: (valid: ValidParts<Static<S>>) => Problem[] = () => [],
): (value: unknown) => Static<S> {
  const sift = sieve(schema);
  return (value) => {
    const { valid, problems } = sift(value);
    refuse([...problems, ...contradictions(valid)]);
    return valid as Static<S>;
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

/**
 * Returns a function that finds the problems of a value, and its valid parts with all defaults. In lists and in the
 * fields named in `maps`, only invalid entries are left out. Any other invalid field is left out as a whole.
 */
export function sieve<S extends TSchema>(
  schema: S,
  maps: readonly string[] = [],
): (value: unknown) => { problems: readonly Problem[]; valid: ValidParts<Static<S>> } {
  const check = checker(schema);
  return (value) => {
    const complete = cloned(value);
    const problems = check(complete);
    if (problems.length === 0) return { problems, valid: complete as ValidParts<Static<S>> };
    // The messages of the problems are made later and refer to `complete`.
    const valid = cloned(complete);
    if (!isRecord(valid)) return { problems, valid: {} };
    for (const { pointer } of problems) {
      const [field = '', entry] = segmentsOf(pointer);
      const entries = valid[field];
      if (entry !== undefined && Array.isArray(entries)) entries[Number(entry)] = undefined;
      else if (entry !== undefined && maps.includes(field) && isRecord(entries)) entries[entry] = undefined;
      else delete valid[field];
    }
    return { problems, valid: valid as ValidParts<Static<S>> };
  };
}
