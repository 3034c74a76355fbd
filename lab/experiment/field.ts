import { nearestOrAll } from '#kit/schema/nearest.ts';
import { escapePointer, segmentsOf } from '#kit/schema/problems.ts';
import { isRecord } from '#kit/schema/schema.ts';
import { isScalable, scaleArrivals } from '#load/arrivals/kinds.ts';
import type { Experiment } from './schema.ts';

/** Values by JSON pointer. */
export type Changes = ReadonlyMap<string, number>;

/** A number of an experiment that can be changed. */
export interface Field {
  /** Path as the user wrote it. */
  readonly path: string;
  /** Value in the file, or its default. Undefined for a missing field without a default. */
  readonly original: number | undefined;
  /** Returns what to write into the file for a value. */
  readonly changes: (value: number) => Changes;
}

const scaleAll = 'load*';

/** Fields that a simulation replaces, with what to use instead. */
const replaced: Readonly<Record<string, string>> = {
  seed: 'use --seeds',
  repeat: 'use --seeds',
  slowMotion: 'a simulation is never in slow motion',
};

/** Finds the field at a path in an experiment and its text's value. Returns a problem as a text. */
export function fieldAt(path: string, value: unknown, experiment: Experiment): Field | string {
  if (path === scaleAll) return loadScale(experiment);
  const segments = segmentsIn(path);
  const instead = replaced[path];
  if (segments.length === 0) return 'expected a path, as in load[1].arrivals.ratePerSecond';
  if (instead !== undefined) return `can't be varied: ${instead}`;
  // A field that the text omits has a default.
  const names = typeof valueIn(experiment, segments) === 'number' ? segments : resolve(segments, value);
  if (typeof names === 'string') return names;
  const original = valueIn(experiment, names);
  return {
    path,
    original: typeof original === 'number' ? original : undefined,
    changes: (number) => new Map([[pointerOf(names), number]]),
  };
}

const pointerOf = (names: readonly string[]): string =>
  names.map((name) => `/${escapePointer(name)}`).join('');

/** Splits `policies[0].retry` into its names and indices. */
const segmentsIn = (path: string): string[] => path.match(/[^.[\]]+/g) ?? [];

/** Returns names and indices from the root, with those left out. The last one may be missing in the text. */
function resolve(segments: readonly string[], value: unknown): string[] | string {
  const [first, ...rest] = segments;
  if (first === undefined) return [];
  if (Array.isArray(value)) {
    const index = indexIn(value, segments);
    if (typeof index !== 'number') return index;
    const below = /^\d+$/.test(first) ? rest : segments;
    return after(String(index), resolve(below, value[index]));
  }
  if (!isRecord(value)) return `expected a path to a number, but this has no field ${first}`;
  if (rest.length > 0 && !Object.hasOwn(value, first))
    return `no field ${first}, ${nearestOrAll(first, Object.keys(value))}`;
  return after(first, resolve(rest, value[first]));
}

const after = (name: string, names: string[] | string): string[] | string =>
  Array.isArray(names) ? [name, ...names] : names;

/** Returns the index at the begin of a path; if it is left out, that of the entry that has the field. */
function indexIn(list: readonly unknown[], segments: readonly string[]): number | string {
  const [first = ''] = segments;
  const last = list.length - 1;
  if (/^\d+$/.test(first))
    return Number(first) <= last ? Number(first) : `expected an index from 0 to ${last}, got ${first}`;
  const indices = [...list.keys()];
  const holding = indices.filter((index) => leadsToValue(list[index], segments));
  const named = indices.filter((index) => isRecord(list[index]) && Object.hasOwn(list[index], first));
  const [found, ...others] = holding.length > 0 ? holding : named;
  if (found === undefined) {
    const names = list.flatMap((entry) => (isRecord(entry) ? Object.keys(entry) : []));
    return `no entry has a field ${first}, ${nearestOrAll(first, [...new Set(names)])}`;
  }
  if (others.length === 0) return found;
  const all = [found, ...others].map((index) => `[${index}]`).join(', ');
  return `expected an index, since ${all} have a field ${segments.join('.')}`;
}

/** True if a path leads to a value in the text, perhaps with an index left out. */
function leadsToValue(value: unknown, [first, ...rest]: readonly string[]): boolean {
  if (first === undefined) return value !== undefined;
  if (!Array.isArray(value)) return isRecord(value) && leadsToValue(value[first], rest);
  if (/^\d+$/.test(first)) return leadsToValue(value[Number(first)], rest);
  return value.some((entry) => leadsToValue(entry, [first, ...rest]));
}

const valueIn = (value: unknown, names: readonly string[]): unknown =>
  names.reduce(
    (of, name) => (typeof of === 'object' && of && Object.hasOwn(of, name) ? entryOf(of, name) : undefined),
    value,
  );

/** Returns the entry of a list at an index, or the field of a map. A list has no other fields, such as its length. */
const entryOf = (of: object, name: string): unknown =>
  Array.isArray(of) && !/^\d+$/.test(name) ? undefined : (of as Record<string, unknown>)[name];

/** Returns the field that multiplies all rates of the load, or a problem if a phase has no rate. */
function loadScale({ load }: Experiment): Field | string {
  const fixed = load.findIndex(({ arrivals }) => !isScalable(arrivals));
  if (fixed >= 0) return `load[${fixed}].arrivals have no rate to scale`;
  return {
    path: scaleAll,
    original: 1,
    changes: (factor) =>
      new Map(
        load.flatMap(({ arrivals }, phase) => {
          const before: Readonly<Record<string, unknown>> = { ...arrivals };
          return Object.entries(scaleArrivals(arrivals, factor)).flatMap(
            ([name, scaled]): [string, number][] =>
              typeof scaled === 'number' && scaled !== before[name]
                ? [[`/load/${phase}/arrivals/${name}`, Number(scaled.toPrecision(12))]]
                : [],
          );
        }),
      ),
  };
}

/** Returns a copy of a value with changes. Creates missing maps on the way. */
export function withChanges(value: unknown, changes: ReadonlyMap<string, unknown>): unknown {
  const copy = structuredClone(value);
  for (const [pointer, changed] of changes) {
    const names = segmentsOf(pointer);
    const last = names.pop()!;
    let holder = copy as Record<string, unknown>;
    for (const name of names) {
      if (!isRecord(holder[name]) && !Array.isArray(holder[name])) holder[name] = {};
      holder = holder[name] as Record<string, unknown>;
    }
    holder[last] = changed;
  }
  return copy;
}
