import type { ErrorObject } from 'ajv';
import { elsewhere } from './elsewhere.ts';
import { nearest, nearestOrAll } from './nearest.ts';
import { escapePointer, type Problem, segmentsOf } from './problems.ts';
import { shorten } from './shorten.ts';

export interface Found {
  /** Problems whose messages are made only when they are read, since making a message is slow. */
  readonly problems: readonly Problem[];
  /** Pointers of unknown fields. */
  readonly unknown: ReadonlySet<string>;
  /** Probable corrections of misspelt fields and words, found only when they are read. */
  readonly corrections: readonly Correction[];
}

/** Correction of a problem: the name of a field, or the word in its place. */
export interface Correction {
  readonly problem: Problem;
  readonly name?: string;
  readonly word?: string;
}

/** Converts the errors of an Ajv with the option `verbose` to problems. The time is linear in the number of errors. */
export function problemsOf(errors: readonly ErrorObject[], schema: object): Found {
  const misspelt = misspeltIn(errors, schema);
  const unknown = new Set<string>();
  const found = new Map<string, Problem>();
  const misspellings = new Map<Problem, ErrorObject>();
  const add = (kind: string, pointer: string, word: () => string, error?: ErrorObject) => {
    const problem = {
      pointer,
      get message() {
        return word();
      },
    };
    if (found.has(`${kind} ${pointer}`)) return;
    found.set(`${kind} ${pointer}`, problem);
    if (error) misspellings.set(problem, error);
    if (kind === unknownField) unknown.add(pointer);
  };
  for (const error of errors) {
    const { keyword, instancePath, params } = error;
    const pointer = pointerOf(error);
    const word = () => messageOf(error, schema);
    if (keyword === 'additionalProperties') {
      add(unknownField, pointer, word, error);
    } else if (keyword === 'required') {
      // A field isn't reported as missing if it is probably misspelt, since its misspelling is reported as unknown.
      if (!misspelt.has(`${instancePath}/${params.missingProperty}`))
        add(`${keyword} ${params.missingProperty}`, pointer, word);
    } else if (keyword === 'discriminator') {
      const isMisspelt = pointer !== instancePath && params.tagValue === undefined;
      add(isMisspelt ? unknownField : keyword, pointer, word, error);
      // If the tag is wrong, Ajv checks nothing else, so unknown fields are searched here.
      const known = fieldsOfAll(error);
      for (const name of unknownToAll(error, known)) {
        const beside = `${instancePath}/${escapePointer(name)}`;
        if (!isMisspelt || beside !== pointer)
          add(unknownField, beside, () => `${unknownField}, ${nearestOrAll(name, known)}`);
      }
    } else if (keyword !== 'if') {
      // A custom `errorMessage` covers all errors of a value, so it is reported once.
      const { errorMessage } = error.parentSchema as Parent;
      add(
        errorMessage === undefined ? keyword : 'any',
        pointer,
        word,
        keyword === 'enum' ? error : undefined,
      );
    }
  }
  return {
    problems: [...found.values()],
    unknown,
    get corrections() {
      const first = [...misspellings].slice(0, correctionsMax);
      return first.flatMap(([problem, error]) => {
        const correction = correctionOf(error, schema);
        return correction ? [{ problem, ...correction }] : [];
      });
    },
  };
}

/** Maximum number of misspellings that are compared with the known names, since the comparison takes time. */
const correctionsMax = 50;

/** Returns the known name or word that a misspelling probably means, as its message suggests. */
function correctionOf(error: ErrorObject, schema: object): Omit<Correction, 'problem'> | undefined {
  const { keyword, params, parentSchema, data } = error;
  if (keyword === 'additionalProperties') {
    if (homesOf(error, schema) !== undefined) return undefined;
    const name = nearest(params.additionalProperty, fieldsOf(error));
    return name === undefined ? undefined : { name };
  }
  const { tag, tagValue } = params;
  if (keyword === 'discriminator' && tagValue === undefined)
    return misspeltTag(error) === undefined ? undefined : { name: tag };
  const [written, known] =
    keyword === 'discriminator'
      ? [tagValue, tagsOf((parentSchema as Parent).oneOf ?? [], tag)]
      : [data, params.allowedValues as unknown[]];
  const word = typeof written === 'string' ? nearest(written, known.map(String)) : undefined;
  return word === undefined ? undefined : { word };
}

const unknownField = 'unknown field';

/**
 * Returns the pointers of missing fields that are probably misspelt. Beside such a field there is an unknown field with
 * a similar name.
 */
function misspeltIn(errors: readonly ErrorObject[], schema: object): ReadonlySet<string> {
  const missing = new Map<string, string[]>();
  for (const { keyword, instancePath, params } of errors) {
    if (keyword !== 'required') continue;
    missing.set(instancePath, [...(missing.get(instancePath) ?? []), params.missingProperty]);
  }
  const misspelt = new Set<string>();
  for (const error of errors) {
    if (error.keyword !== 'additionalProperties') continue;
    const name: string = error.params.additionalProperty;
    // Most unknown names resemble no missing field. Only the other names are compared with all fields, which is slow.
    if (nearest(name, missing.get(error.instancePath) ?? []) === undefined) continue;
    if (homesOf(error, schema) === undefined)
      misspelt.add(`${error.instancePath}/${nearest(name, fieldsOf(error))}`);
  }
  return misspelt;
}

/** Properties of a schema that messages use. */
interface Parent {
  readonly properties?: object;
  readonly discriminator?: { readonly propertyName: string };
  readonly oneOf?: readonly { readonly properties: Record<string, Tag> }[];
  /** Message for any error of the value itself, instead of the usual messages. Some editors show it, too. */
  readonly errorMessage?: string;
}

type Tag = { readonly const?: string; readonly enum?: readonly string[] };

const fieldsOf = ({ parentSchema }: ErrorObject): string[] =>
  Object.keys((parentSchema as Parent).properties ?? {});

/**
 * Returns the pointer of an error. For an unknown or wrong field it points to the field, whereas Ajv points to its
 * parent.
 */
function pointerOf(error: ErrorObject): string {
  const { instancePath, keyword, params } = error;
  if (keyword === 'additionalProperties')
    return `${instancePath}/${escapePointer(params.additionalProperty)}`;
  if (keyword !== 'discriminator') return instancePath;
  const field = params.tagValue === undefined ? misspeltTag(error) : params.tag;
  return field === undefined ? instancePath : `${instancePath}/${escapePointer(field)}`;
}

/** Returns the unknown field that is probably a misspelling of the missing tag. */
const misspeltTag = (error: ErrorObject): string | undefined =>
  unknownToAll(error, fieldsOfAll(error)).find((name) => nearest(name, [error.params.tag]));

/** Returns the fields of a value that no member of the union knows. */
const unknownToAll = ({ data }: ErrorObject, known: readonly string[]): string[] => {
  const names = new Set(known);
  return Object.keys(data as object).filter((name) => !names.has(name));
};

const fieldsOfAll = (error: ErrorObject): string[] => {
  const { oneOf = [] } = error.parentSchema as Parent;
  return [...new Set([fieldsOf(error), ...oneOf.map(({ properties }) => Object.keys(properties))].flat())];
};

/** Returns the path in the schema to the keyword that a value violates. */
const schemaPathOf = ({ schemaPath }: ErrorObject): string[] => segmentsOf(decodeURIComponent(schemaPath));

/** Returns the tag of the union's members that know the unknown field, e.g. `path event`. Undefined if none does. */
function homesOf(error: ErrorObject, schema: object): string | undefined {
  const { params } = error;
  const path = schemaPathOf(error);
  if (path.at(-3) !== 'oneOf') return undefined;
  const union = path
    .slice(0, -3)
    .reduce<unknown>((at, name) => (at as Record<string, unknown>)[name], schema);
  const { discriminator, oneOf = [] } = union as Parent;
  if (!discriminator) return undefined;
  const tag = discriminator.propertyName;
  const homes = oneOf.filter(({ properties }) => Object.hasOwn(properties, params.additionalProperty));
  return homes.length > 0 ? `${tag} ${tagsOf(homes, tag).join(', ')}` : undefined;
}

const tagsOf = (members: NonNullable<Parent['oneOf']>, tag: string): string[] =>
  unnumbered(members.flatMap(({ properties }) => properties[tag]?.enum ?? properties[tag]?.const ?? []));

function messageOf(error: ErrorObject, schema: object): string {
  const { keyword, params, message, data, parentSchema } = error;
  const got = () => `got ${shorten(data)}`;
  const { errorMessage } = parentSchema as Parent;
  if (errorMessage !== undefined) return `${errorMessage}, ${got()}`;
  switch (keyword) {
    case 'additionalProperties': {
      const homes = homesOf(error, schema);
      return `${unknownField}, ${homes ? `only for ${homes}` : suggestion(error, schema)}`;
    }
    case 'required':
      return `missing required field ${params.missingProperty}`;
    case 'type':
      return `expected ${[params.type].flat().join(' or ')}, ${got()}`;
    case 'enum':
      return (
        unknown('value', data, params.allowedValues) ??
        `expected one of ${params.allowedValues.join(', ')}, ${got()}`
      );
    case 'const':
      return `expected ${JSON.stringify(params.allowedValue)}, ${got()}`;
    case 'discriminator': {
      const { tag, tagValue } = params;
      if (tagValue === undefined && misspeltTag(error) !== undefined)
        return `${unknownField}, did you mean ${tag}?`;
      const tags = tagsOf((parentSchema as Parent).oneOf ?? [], tag);
      const value = tagValue === undefined ? 'it is missing' : `got ${shorten(tagValue)}`;
      return unknown(tag, tagValue, tags) ?? `expected ${tag} to be one of ${tags.join(', ')}, ${value}`;
    }
    case 'minProperties':
    case 'maxProperties':
      return `expected exactly one of ${fieldsOf(error).join(', ')}, got ${Object.keys(data as object).length} fields`;
    case 'pattern':
      return `expected a text that matches ${params.pattern}, ${got()}`;
    case 'minLength':
      return params.limit === 1
        ? `expected a text that is not empty, ${got()}`
        : `expected at least ${params.limit} characters, ${got()}`;
    case 'maxLength':
      return `expected at most ${params.limit} characters, got ${[...String(data)].length}`;
    case 'minItems':
    case 'maxItems': {
      const bound = keyword === 'minItems' ? 'at least' : 'at most';
      const entries = params.limit === 1 ? 'entry' : 'entries';
      return `expected ${bound} ${params.limit} ${entries}, got ${(data as unknown[]).length}`;
    }
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return `expected a number ${params.comparison} ${params.limit}, ${got()}`;
    default:
      return `${message}, ${got()}`;
  }
}

/**
 * Suggests a similar known field of the same object. Without one, suggests a field elsewhere in the schema, or else
 * lists all fields of the object.
 */
function suggestion(error: ErrorObject, schema: object): string {
  const name: string = error.params.additionalProperty;
  const near = nearest(name, fieldsOf(error));
  const place = near ?? elsewhere(name, schemaPathOf(error), schema);
  return place === undefined ? nearestOrAll(name, fieldsOf(error)) : `did you mean ${place}?`;
}

/** Drops `consumer-1`, `nats-1->nats` … if the list also has `consumer`, `nats->nats` …, which stand for all of them. */
const unnumbered = (names: readonly string[]): string[] =>
  names.filter((name) => {
    const common = name.replace(/-\d+(?=$|->)/, '');
    return common === name || !names.includes(common);
  });

/** Returns, for example, `unknown kind "burst", did you mean bursts?`. Undefined if no name is close. */
function unknown(what: string, written: unknown, known: readonly unknown[]): string | undefined {
  if (typeof written !== 'string') return undefined;
  const name = nearest(written, known.map(String));
  return name === undefined ? undefined : `unknown ${what} ${shorten(written)}, did you mean ${name}?`;
}
