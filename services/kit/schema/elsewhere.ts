import { meantBy } from './nearest.ts';

/** Path to a part of a schema: keywords and names from the root. */
type Path = readonly string[];

/** Keywords with several schemas of the same value. */
const alternatives = ['allOf', 'anyOf', 'oneOf'];
/** Keywords with a single schema. */
const entries = ['items', 'additionalProperties', 'then'];

/** Containers of each field in a schema, by the field's name in lower case. */
type Index = ReadonlyMap<string, readonly { readonly name: string; readonly container: Path }[]>;

const indexes = new WeakMap<object, Index>();

/** Fields that too many objects have for a useful suggestion. */
const common = ['kind', 'name'];

/** Limit of fields in a place suggested for another tool's name. A longer place would be a guess. */
const fieldsMax = 3;

/**
 * Returns a place in the schema where a field is known, e.g. `consumer: { concurrency: … }`. The field is unknown in
 * its container, given by `path`. Prefers places that share the longest path with the container, then the shallowest.
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

/** Returns Spillway's names for another tool's name, in lower case; the name itself if it has no synonym. */
function meaningsOf(name: string): string[] {
  const meant = meantBy(name);
  return meant.length === 0 ? [name] : meant.flatMap((one) => meaningsOf(one.toLowerCase()));
}

/** Counts the fields in the text of a place. The placeholder `NAME` doesn't count. */
const fieldsOn = (place: string): number => place.match(/[a-z]\w*:/g)?.length ?? 0;

/**
 * Returns the closest place of a field, seen from a container. `parent.field` only finds fields of an object `parent`.
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
  /** Number of leading segments shared with the container of the unknown field. */
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
  // Fields with a name pattern are predicted figures, not options.
  if ('patternProperties' in schema) return;
  for (const [keyword, inner] of Object.entries(schema)) {
    const at = [...path, keyword];
    if (keyword === 'properties') for (const name of Object.keys(inner)) yield { name, container: path };
    if (keyword === 'properties' || alternatives.includes(keyword))
      for (const [name, one] of Object.entries(inner)) yield* fieldsIn(one as object, [...at, name]);
    // `additionalProperties` may be `false` instead of a schema.
    if (entries.includes(keyword) && typeof inner === 'object') yield* fieldsIn(inner, at);
  }
}

/** Counts the first segments that two paths share. */
function sharedBy(a: Path, b: Path): number {
  const difference = a.findIndex((segment, index) => segment !== b[index]);
  return difference === -1 ? a.length : difference;
}

/** True if the paths lead to different alternatives of a value, so that no value has both. */
const isAlternative = (a: Path, b: Path, shared: number): boolean =>
  shared < a.length && shared < b.length && alternatives.includes(a[shared - 1] ?? '');

const entry = Symbol('entry');
const item = Symbol('item');
type Step = string | typeof entry | typeof item;

/** Converts a path of the schema to steps in a value: fields, map entries and list items. */
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

/** Writes the place `to`, starting below the container `from`, or else at the last field that both paths share. */
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
