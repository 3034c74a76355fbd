import { segmentsOf } from '#kit/pointer.ts';
import { completer, InvalidError, type Problem } from '#kit/schema.ts';
import { Experiment } from './schema.ts';

/** An experiment without what its schema refuses: fields, variants, and entries of lists, whose places stay empty. */
export type Sound = { [K in keyof Experiment]?: Entries<Experiment[K]> };
type Entries<V> = V extends readonly (infer E)[] ? (E | undefined)[] : V;

const complete = completer(Experiment);

/** Tells what is sound in a value, with the defaults filled in, from what its schema refuses. */
export function soundIn(value: Readonly<Record<string, unknown>>): {
  sound: Sound;
  problems: readonly Problem[];
} {
  const sound = structuredClone(value);
  const problems = problemsOf(sound);
  // A field that is not known says nothing against those beside it, unless one of them is missing without it.
  for (const { pointer } of problems.filter(isUnknownField)) remove(sound, segmentsOf(pointer));
  for (const { pointer } of problemsOf(sound)) {
    const [field = '', entry] = segmentsOf(pointer);
    const isOneOfMany = field === 'variants' || Array.isArray(sound[field]);
    remove(sound, isOneOfMany && entry !== undefined ? [field, entry] : [field]);
  }
  return { sound: sound as Sound, problems };
}

export const isUnknownField = ({ message }: Problem): boolean => message.startsWith('unknown field');

function problemsOf(value: unknown): readonly Problem[] {
  try {
    complete(value);
    return [];
  } catch (error) {
    if (error instanceof InvalidError) return error.problems;
    throw error;
  }
}

/** Takes a value out of what it is in; the other entries of a list keep their places. */
function remove(from: unknown, path: readonly string[]): void {
  const [name = '', ...rest] = path;
  const container = from as Record<string, unknown> | undefined;
  if (rest.length > 0) remove(container?.[name], rest);
  else if (Array.isArray(container)) container[Number(name)] = undefined;
  else delete container?.[name];
}
