import { meantBy } from './nearest.ts';

/** Path to a part of a schema: keywords and field names, starting at the root. */
type Path = readonly string[];

/** Keywords that hold several schemas for the same value. */
const alternatives = ['allOf', 'anyOf', 'oneOf'];
/** Keywords that hold a single schema. */
const entries = ['items', 'additionalProperties', 'then'];

/** Places of each field in a schema, by the field's name in lower case. */
type Index = ReadonlyMap<string, readonly { readonly name: string; readonly container: Path }[]>;

const indexes = new WeakMap<object, Index>();

/** Fields that are not suggested, since too many objects have them. */
const common = ['kind', 'name'];

/**
 * Maximum number of fields in a suggested place if the field's name comes from another tool. A longer place would be a
 * guess.
 */
const fieldsMax = 3;

/**
 * Returns a place in the schema that knows a field, e.g. `consumer: { concurrency: … }`. `path` is the object in which
 * the field is unknown. Prefers the place that shares the longest path with this object, then the shallowest one.
 * Undefined if there is no such place, or if several are equally close.
 */
export function elsewhere(written: string, path: Path, schema: object): string | undefined {
  const [last = ''] = written.toLowerCase().split('.').slice(-1);
  if (common.includes(last)) return undefined;
  for (const meaning of meaningsOf(last)) {
    const place = placeOf(meaning, path.slice(0, -1), schema);
    if (place !== undefined && (meaning === last || fieldsOn(place) <= fieldsMax)) return place;
  }
  return undefined;
}

/**
 * Returns Spillway's names for a name from another tool, in lower case. Returns the name itself if it has no synonym.
 */
function meaningsOf(name: string): string[] {
  const meant = meantBy(name);
  return meant.length === 0 ? [name] : meant.flatMap((one) => meaningsOf(one.toLowerCase()));
}

/** Counts the fields in the text of a place, without the placeholder `NAME`. */
const fieldsOn = (place: string): number => place.match(/[a-z]\w*:/g)?.length ?? 0;

/**
 * Returns the closest place of a field, as seen from a container. For `parent.field`, finds only fields of an object
 * `parent`.
 */
function placeOf(meaning: string, container: Path, schema: object): string | undefined {
  const [name = '', parent] = meaning.split('.').toReversed();
  const found = (indexOf(schema).get(name) ?? [])
    .map((field) => ({ ...field, shared: sharedBy(container, field.container) }))
    .filter(({ container: other, shared }) => !isAlternative(container, other, shared))
    .filter(({ container: other }) => parent === undefined || namesIn(other).at(-1) === parent)
    .toSorted(byDistance);
  const closest = found.filter((field) => byDistance(field, found[0]!) === 0);
  const places = closest.map((field) =>
    placed(namesIn(container), [...namesIn(field.container), field.name]),
  );
  return new Set(places).size === 1 ? places[0] : undefined;
}

interface Found {
  readonly container: Path;
  /** Number of leading segments that the path shares with the container of the unknown field. */
  readonly shared: number;
}

const byDistance = (a: Found, b: Found): number =>
  b.shared - a.shared || a.container.length - b.container.length;

function indexOf(schema: object): Index {
  let index = indexes.get(schema);
  if (!index) {
    index = Map.groupBy(fieldsIn(schema), ({ name }) => name.toLowerCase());
    indexes.set(schema, index);
  }
  return index;
}

function* fieldsIn(schema: object, path: Path = []): Generator<{ name: string; container: Path }> {
  // Names that match a pattern are predicted figures, not options.
  if ('patternProperties' in schema) return;
  for (const [keyword, inner] of Object.entries(schema)) {
    const at = [...path, keyword];
    if (keyword === 'properties') for (const name of Object.keys(inner)) yield { name, container: path };
    if (keyword === 'properties' || alternatives.includes(keyword))
      for (const [name, one] of Object.entries(inner)) yield* fieldsIn(one as object, [...at, name]);
    // `additionalProperties` may be `false`, which is not a schema.
    if (entries.includes(keyword) && typeof inner === 'object') yield* fieldsIn(inner, at);
  }
}

/** Counts the leading segments that two paths share. */
function sharedBy(a: Path, b: Path): number {
  const difference = a.findIndex((segment, index) => segment !== b[index]);
  return difference === -1 ? a.length : difference;
}

/** True if the paths lead to different alternatives for a value, so that a value can't have both. */
const isAlternative = (a: Path, b: Path, shared: number): boolean =>
  shared < a.length && shared < b.length && alternatives.includes(a[shared - 1] ?? '');

const entry = Symbol('entry');
const item = Symbol('item');
type Step = string | typeof entry | typeof item;

/** Converts a path in the schema to the steps in a value: fields, map entries and list items. */
function namesIn(path: Path): Step[] {
  const steps: Step[] = [];
  for (let at = 0; at < path.length; at++) {
    const keyword = path[at]!;
    if (keyword === 'properties') steps.push(path[++at]!);
    else if (alternatives.includes(keyword)) at++;
    else if (keyword === 'additionalProperties') steps.push(entry);
    else if (keyword === 'items') steps.push(item);
  }
  return steps;
}

/** Writes the place `to` in YAML. The text starts below `from`, or else at the last field that both paths share. */
function placed(from: readonly Step[], to: readonly Step[]): string {
  const difference = from.findIndex((step, index) => step !== to[index]);
  if (difference === -1) return written(to.slice(from.length));
  const common = to.slice(0, difference).findLastIndex((step) => typeof step === 'string');
  return common === -1 ? `${written(to)} at the top level` : written(to.slice(common));
}

/** Writes steps in YAML: `policies: [{ retry: … }]`. */
function written([step, ...rest]: readonly Step[]): string {
  if (step === undefined) return '…';
  if (step === item) return `[${braced(rest)}]`;
  return step === entry ? `{ NAME: ${braced(rest)} }` : `${step}: ${braced(rest)}`;
}

const braced = (steps: readonly Step[]): string =>
  typeof steps[0] === 'string' ? `{ ${written(steps)} }` : written(steps);
