import { outcomes } from '#kit/wire.ts';
import { count } from '#lab/experiment/text/format.ts';

/** Properties of a JSON Schema that the tables show, or that types follow from. */
export interface Schema {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | false;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly maxProperties?: number;
  /** Groups of a schema made by `depending`: the value of one field selects the schema of another. */
  readonly allOf?: readonly { readonly if: Schema; readonly then: Schema }[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly minItems?: number;
  readonly maxItems?: number;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

/** Returns a TypeBox schema as a `Schema`, since TypeBox's own types hide its properties. */
export const view = (schema: object): Schema => schema;

/**
 * Returns a table of options with their defaults, values and meanings. Fields in `elsewhere` get no rows for their
 * options.
 */
export function optionTable(schema: object, elsewhere: readonly string[] = []): string {
  const rows = rowsOf(view(schema), (_field, name) => elsewhere.includes(name)).map(
    ({ path, field, isRequired, hasRows }) => {
      const { meaning, fallback } = partsOf(field);
      const given = isRequired && field.default === undefined ? 'required' : fallback;
      return [`\`${path}\``, hasRows ? '' : given, valuesOf(field), meaning];
    },
  );
  return table(['field', 'default', 'values', 'meaning'], rows);
}

/**
 * Returns the meaning and the default of a field. A default that isn't in the schema is the last sentence of the
 * description: `Default: 1 % of the deadline.`
 */
function partsOf({ description = '', default: value }: Schema) {
  if (value !== undefined) return { meaning: description, fallback: code(shown(value)) };
  const [, meaning = description, words = ''] = /^(.*) Default: (.+)\.$/.exec(description) ?? [];
  return { meaning, fallback: /^[\w.]+$/.test(words) ? code(words) : words };
}

/** Returns the heading, the description and the options of each kind. */
export const kindTables = (kinds: readonly (readonly [name: string, Schema])[]): string =>
  kinds
    .map(([name, schema]) => {
      const description = schema.description ? `${schema.description}\n\n` : '';
      return `### ${name}\n\n${description}${optionTable(schema)}`;
    })
    .join('\n');

/** Returns the members of a tagged union with their names. The name is the constant in the field `tag`. */
export const membersBy = (tag: string, union: object): [string, Schema][] =>
  view(union).oneOf!.map((member) => {
    const { [tag]: name, ...properties } = member.properties!;
    return [String(name!.const), { ...member, properties }];
  });

/**
 * Returns the table of the fields that Spillway writes, with their values and meanings. If a schema has a separate
 * table, `parts` has a link to that table, by the properties of the schema.
 */
export function fieldTable(schema: object, parts: ReadonlyMap<object, string> = new Map()): string {
  const whole = view(schema);
  const partOf = ({ properties }: Schema) =>
    properties && properties !== whole.properties ? parts.get(properties) : undefined;
  const rows = rowsOf(whole, (field) => partOf(innerOf(field)) !== undefined).map(
    ({ path, field, isRequired }) => {
      const values = [valuesOf(field, partOf) || 'object', ...(isRequired ? [] : ['may be missing'])];
      return [`\`${path}\``, values.join('; '), field.description ?? ''];
    },
  );
  return table(['field', 'values', 'meaning'], rows);
}

interface Row {
  readonly path: string;
  readonly field: Schema;
  readonly isRequired: boolean;
  /** True if rows for the nested fields follow. */
  readonly hasRows: boolean;
}

/** Returns a row for each field. Unless the field is a leaf, rows for its nested fields follow. */
function rowsOf(
  { properties = {}, required = [], oneOf }: Schema,
  isLeaf: (field: Schema, path: string) => boolean,
  before = '',
): Row[] {
  if (oneOf)
    return oneOf.flatMap((kind) => [
      {
        path: `${before}kind: ${kind.properties!.kind!.const}`,
        field: { description: kind.description ?? '' },
        isRequired: false,
        hasRows: true,
      },
      ...rowsOf(kind, isLeaf, before),
    ]);
  return Object.entries(properties).flatMap(([name, field]) => {
    if (field.const !== undefined && name === 'kind') return [];
    const path = before + name;
    const inner = isLeaf(field, path) ? [] : rowsOf(innerOf(field), isLeaf, `${path}${stepsInto(field)}.`);
    return [{ path, field, isRequired: required.includes(name), hasRows: inner.length > 0 }, ...inner];
  });
}

/** Returns the schema of the innermost entries, if a schema is a list or a map. Returns any other schema unchanged. */
function innerOf(field: Schema): Schema {
  const inner = field.items ?? mapped(field);
  return inner ? innerOf(inner) : field;
}

function stepsInto(field: Schema): string {
  if (field.items) return `[]${stepsInto(field.items)}`;
  const entry = mapped(field);
  return entry ? `.${isByOutcome(field) ? 'OUTCOME' : 'NAME'}${stepsInto(entry)}` : '';
}

/** Returns the schema of a map's values. An object that has a field for each outcome counts as a map. */
const mapped = (field: Schema): Schema | undefined =>
  isByOutcome(field) ? field.properties!.ok : field.additionalProperties || undefined;

const isByOutcome = ({ properties = {} }: Schema): boolean =>
  outcomes.every((outcome) => outcome in properties);

/** Describes the values that a schema allows. Empty for an object. */
function valuesOf(field: Schema, partOf: (schema: Schema) => string | undefined = () => undefined): string {
  const { type, anyOf } = field;
  const part = partOf(field);
  if (Array.isArray(type)) {
    const [own, ...others] = type;
    const only = /^\^(\w+)\$$/.exec(field.pattern ?? '')?.[1];
    const words = others.map((each) => (each === 'string' && only !== undefined ? code(only) : each));
    return [grouped(valuesOf({ ...field, type: own }, partOf)) || 'object', ...words].join(' or ');
  }
  if (part !== undefined) return part;
  if (field.const !== undefined) return code(field.const);
  if (field.enum) return field.enum.map(code).join(', ');
  if (anyOf) return anyOf.map((one) => valuesOf(one, partOf)).join(' or ');
  if (type === 'boolean') return 'true, false';
  if (type === 'integer' || type === 'number') return numbersOf(field);
  if (type === 'string')
    return field.maxLength === undefined ? 'text' : `text of at most ${count(field.maxLength)} characters`;
  const entries = field.items ?? mapped(field);
  if (!entries) return '';
  const each = valuesOf(entries, partOf);
  if (!field.items) return `map${isByOutcome(field) ? ' by outcome' : ''}${each && `: ${each}`}`;
  return `list${lengthOf(field)}${each && `: ${each}`}`;
}

/** Puts alternatives in parentheses, so that another alternative can follow: `(map: number or null) or null`. */
const grouped = (values: string): string => (values.includes(' or ') ? `(${values})` : values);

function numbersOf({ type, minimum, exclusiveMinimum, maximum }: Schema): string {
  const low = minimum ?? exclusiveMinimum;
  const least = exclusiveMinimum === undefined ? 'from' : 'above';
  const bounds = [
    ...(low === undefined ? [] : [`${least} ${count(low)}`]),
    ...(maximum === undefined ? [] : [`to ${count(maximum)}`]),
  ];
  return [type === 'integer' ? 'whole number' : 'number', ...bounds].join(' ');
}

function lengthOf({ minItems = 0, maxItems }: Schema): string {
  if (maxItems === undefined) return '';
  return minItems > 0 ? ` of ${minItems} to ${count(maxItems)}` : ` of at most ${count(maxItems)}`;
}

const shown = (value: unknown): string => (value === '' ? '""' : JSON.stringify(value).replaceAll('"', ''));

const code = (value: unknown): string => `\`${value}\``;
