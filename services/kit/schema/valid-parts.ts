import type { Static, TSchema } from 'typebox';
import type { Found } from './ajv-problems.ts';
import { finder } from './parser.ts';
import { type Problem, refuse, segmentsOf } from './problems.ts';

/** Value without the fields and entries that its schema refuses. A refused list entry is undefined. */
export type ValidParts<T> = { [K in keyof T]?: Entries<T[K]> };
type Entries<V> = V extends readonly (infer E)[] ? (E | undefined)[] : V;

/**
 * Compiles a schema into a function that returns the problems of a value, and its valid parts with all defaults. In
 * lists and in the fields named in `maps`, only invalid entries are left out. Any other invalid field is left out as a
 * whole.
 */
export function sieve<S extends TSchema>(
  schema: S,
  maps: readonly string[] = [],
): (value: unknown) => Found & { valid: ValidParts<Static<S>> } {
  const find = finder(schema);
  return (value) => {
    const complete = structuredClone(value) as Record<string, unknown>;
    const found = find(complete);
    if (found.problems.length === 0) return { ...found, valid: complete as ValidParts<Static<S>> };
    // Copies again, since the messages of the problems are made later and refer to `complete`.
    const valid = structuredClone(complete);
    // Removes unknown fields first, so that they don't make the fields beside them invalid. A missing field still does.
    for (const pointer of found.unknown) remove(valid, segmentsOf(pointer));
    for (const { pointer } of find(valid).problems) {
      const [field = '', entry] = segmentsOf(pointer);
      const isOneOfMany = maps.includes(field) || Array.isArray(valid?.[field]);
      remove(valid, isOneOfMany && entry !== undefined ? [field, entry] : [field]);
    }
    return Object.assign(found, { valid: valid as ValidParts<Static<S>> });
  };
}

/**
 * Compiles the schema of a configuration into a function that returns a checked copy with all defaults.
 * `contradictions` finds problems that a schema can't express. The function throws InvalidError with the problems of
 * both kinds.
 */
export function configParser<S extends TSchema>(
  schema: S,
  contradictions: (valid: ValidParts<Static<S>>) => Problem[] = () => [],
): (value: unknown) => Static<S> {
  const sift = sieve(schema);
  return (value) => {
    const { valid, problems } = sift(value);
    refuse([...problems, ...contradictions(valid ?? {})]);
    return valid as Static<S>;
  };
}

/** Removes a field. In a list, replaces the entry by undefined, so that the other entries keep their indexes. */
function remove(from: unknown, path: readonly string[]): void {
  const [name = '', ...rest] = path;
  const container = from as Record<string, unknown> | undefined;
  if (rest.length > 0) remove(container?.[name], rest);
  else if (Array.isArray(container)) container[Number(name)] = undefined;
  else delete container?.[name];
}
