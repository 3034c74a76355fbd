import { meantBy } from './nearest.ts';

/** Keywords and names from the root of a schema to a part of it. */
type Path = readonly string[];

/** Keywords with several schemas of the same value. */
const alternatives = ['allOf', 'anyOf', 'oneOf'];
/** Keywords with a single schema. */
const entries = ['items', 'additionalProperties', 'then'];

/** Containers of each field in a schema, by the field's name in small letters. */
type Index = ReadonlyMap<string, readonly { readonly name: string; readonly container: Path }[]>;

const indexes = new WeakMap<object, Index>();

/** Fields of so many objects that their place elsewhere says nothing. */
const common = ['kind', 'name'];

/** Fields in the place of another tool's name. A longer place is a guess. */
const fieldsMax = 3;

/**
 * Returns the place of a field that is unknown in its container but known elsewhere in the schema, as in
 * `consumer: { concurrency: … }`. A field below the container goes before others, then one that has more containers in
 * common with it. Undefined if there is none, or if several are as close.
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

/** Returns our names for a name, in small letters; the name itself if there are none. */
function meaningsOf(name: string): string[] {
  const meant = meantBy(name);
  return meant.length === 0 ? [name] : meant.flatMap((one) => meaningsOf(one.toLowerCase()));
}

/** Counts the fields of a place as it is written. `NAME` is none. */
const fieldsOn = (place: string): number => place.match(/[a-z]\w*:/g)?.length ?? 0;

/** Returns the closest place of a field as it is seen from a container. `consumer.concurrency` is only the consumer's. */
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
  /** Segments that its path shares with that of the unknown field. */
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
  // Names by a pattern are those of figures, not of options.
  if ('patternProperties' in schema) return;
  for (const [keyword, inner] of Object.entries(schema)) {
    const at = [...path, keyword];
    if (keyword === 'properties') for (const name of Object.keys(inner)) yield { name, container: path };
    if (keyword === 'properties' || alternatives.includes(keyword))
      for (const [name, one] of Object.entries(inner)) yield* fieldsIn(one as object, [...at, name]);
    // `additionalProperties` may be false.
    if (entries.includes(keyword) && typeof inner === 'object') yield* fieldsIn(inner, at);
  }
}

/** Counts the first segments that two paths share. */
function sharedBy(a: Path, b: Path): number {
  const difference = a.findIndex((segment, index) => segment !== b[index]);
  return difference === -1 ? a.length : difference;
}

/** True if a value that has the one can't have the other. */
const isAlternative = (a: Path, b: Path, shared: number): boolean =>
  shared < a.length && shared < b.length && alternatives.includes(a[shared - 1] ?? '');

const entry = Symbol('entry');
const item = Symbol('item');
type Step = string | typeof entry | typeof item;

/** Returns the fields on a path, with steps into maps and lists. */
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

/** Writes the place of a field as it is seen from a container: below it, or from the last field that leads to both. */
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
