import type { Found } from './ajv-problems.ts';
import { escapePointer, type Problem, segmentsOf } from './problems.ts';

/** Problems of a value, also those below misspelt fields. */
export interface Corrected<F extends Found> {
  /** The value with its misspellings corrected. */
  readonly value: unknown;
  /** Result of `find` for the corrected value. */
  readonly found: F;
  /** Misspellings first, then the problems of the corrected value. Their pointers lead into the original value. */
  readonly problems: readonly Problem[];
  /** Problems in the name of a field, not in its value. */
  readonly unknown: ReadonlySet<Problem>;
  /** Returns the pointer into the original value for a pointer into the corrected one. */
  readonly original: (pointer: string) => string;
}

/** Maximum number of corrections below one another: a corrected field may hold another misspelt field. */
const depthMax = 6;

/**
 * Corrects misspelt fields and words of a value, as their messages suggest, and finds the problems behind them. So a
 * single check reports all mistakes. Does not change the given value.
 */
export function corrected<F extends Found>(given: unknown, find: (value: unknown) => F): Corrected<F> {
  /** Original names of fields, by their pointers in the corrected value. */
  const names = new Map<string, string>();
  const original = (pointer: string): string => {
    if (names.size === 0) return pointer;
    let [from, to] = ['', ''];
    for (const segment of segmentsOf(pointer)) {
      from += `/${escapePointer(segment)}`;
      to += `/${escapePointer(names.get(from) ?? segment)}`;
    }
    return to;
  };
  const problems: Problem[] = [];
  const unknown = new Set<Problem>();
  // Problems are moved in place, since a copy would make each message, which is slow.
  const add = (problem: Problem) => {
    if (found.unknown.has(problem.pointer)) unknown.add(problem);
    problems.push(Object.assign(problem, { pointer: original(problem.pointer) }));
  };
  let value = given;
  let found = find(value);
  for (let depth = 0; depth < depthMax; depth++) {
    const { corrections } = found;
    if (corrections.length === 0) break;
    // The messages of earlier problems still refer to the uncorrected value.
    value = structuredClone(value);
    let isChanged = false;
    for (const { problem, name, word } of corrections) {
      const { pointer } = problem;
      const path = segmentsOf(pointer);
      const field = path.pop()!;
      const holder = path.reduce<unknown>((at, each) => (at as Fields)[each], value) as Fields;
      if (name !== undefined && Object.hasOwn(holder, name)) continue;
      add(problem);
      isChanged = true;
      if (name === undefined) {
        holder[field] = word;
      } else {
        holder[name] = holder[field];
        delete holder[field];
        names.set(`${pointer.slice(0, pointer.lastIndexOf('/'))}/${escapePointer(name)}`, field);
      }
    }
    if (!isChanged) break;
    found = find(value);
  }
  for (const problem of found.problems) add(problem);
  return { value, found, problems, unknown, original };
}

type Fields = Record<string, unknown>;
