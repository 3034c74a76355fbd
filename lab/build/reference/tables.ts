import { type Schema, view } from '#kit/schema/json-schema.ts';
import { count } from '#lab/kit/text/format.ts';

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

/** Returns a table of options. Fields in `elsewhere` get no rows for their options. */
export function optionTable(schema: object, elsewhere: readonly string[] = []): string {
  const rows = rowsOf(view(schema), elsewhere).map(({ path, field, isRequired, hasRows }) => {
    const { meaning, fallback } = partsOf(field);
    const given = isRequired && field.default === undefined ? 'required' : fallback;
    const values = [hasRows ? '' : given, valuesOf(field)].filter(Boolean).join('; ');
    return [`\`${path}\``, values, meaning];
  });
  return table(['field', 'default; values', 'meaning'], rows);
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

/**
 * Returns the heading, the description and the options of each kind. Options in `shared` are the same for all kinds that
 * have them; they have one table before the others.
 */
export function kindTables(
  kinds: readonly (readonly [name: string, Schema])[],
  shared: readonly string[] = [],
): string {
  const common = kinds.map(([, schema]) => picked(schema, (name) => shared.includes(name)));
  const properties = Object.assign({}, ...common.map((schema) => schema.properties));
  const sections = kinds.map(([name, schema]) => {
    const own = picked(schema, (option) => !shared.includes(option));
    if (Object.keys(own.properties!).length === 0) return '';
    return `### ${name}\n\n${schema.description ? `${schema.description}\n\n` : ''}${optionTable(own)}`;
  });
  return [shared.length === 0 ? '' : optionTable({ properties }), ...sections].filter(Boolean).join('\n');
}

export const picked = (schema: Schema, isPicked: (name: string) => boolean): Schema => ({
  ...schema,
  properties: Object.fromEntries(Object.entries(schema.properties ?? {}).filter(([name]) => isPicked(name))),
});

/** Returns the members of a tagged union with their names. The name is the constant in the field `tag`. */
export const membersBy = (tag: string, union: object): [string, Schema][] =>
  view(union).oneOf!.map((member) => {
    const { [tag]: name, ...properties } = member.properties!;
    return [String(name!.const), { ...member, properties }];
  });

interface Row {
  readonly path: string;
  readonly field: Schema;
  readonly isRequired: boolean;
  /** True if rows for the nested fields follow. */
  readonly hasRows: boolean;
}

/** Returns a row for each field. Unless it is in `elsewhere`, rows for its nested fields follow. */
function rowsOf(
  { properties = {}, required = [], oneOf }: Schema,
  elsewhere: readonly string[],
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
      ...rowsOf(kind, elsewhere, before),
    ]);
  return Object.entries(properties).flatMap(([name, field]) => {
    if (field.const !== undefined && name === 'kind') return [];
    const path = before + name;
    const { schema, steps } = innermost(field);
    const inner = elsewhere.includes(path) ? [] : rowsOf(schema, elsewhere, `${path}${steps}.`);
    return [{ path, field, isRequired: required.includes(name), hasRows: inner.length > 0 }, ...inner];
  });
}

/** Returns the schema of the innermost entries of lists and maps, and the steps to them: `[]`, `.NAME`. */
function innermost(field: Schema, steps = ''): { schema: Schema; steps: string } {
  if (field.items) return innermost(field.items, `${steps}[]`);
  const entry = mapped(field);
  return entry ? innermost(entry, `${steps}.NAME`) : { schema: field, steps };
}

const mapped = ({ additionalProperties }: Schema): Schema | undefined => additionalProperties || undefined;

/** Describes the values that a schema allows. Empty for an object. */
function valuesOf(field: Schema): string {
  const { type, anyOf } = field;
  if (Array.isArray(type)) {
    const [own, ...others] = type;
    const only = /^\^(\w+)\$$/.exec(field.pattern ?? '')?.[1];
    const words = others.map((each) => (each === 'string' && only !== undefined ? code(only) : each));
    return [valuesOf({ ...field, type: own }), ...words].join(' or ');
  }
  if (field.const !== undefined) return code(field.const);
  if (field.enum) return field.enum.map(code).join(', ');
  if (anyOf) return anyOf.map(valuesOf).join(' or ');
  if (type === 'boolean') return 'true, false';
  if (type === 'integer' || type === 'number') return numbersOf(field);
  if (type === 'string')
    return field.maxLength === undefined ? 'text' : `text up to ${count(field.maxLength)} characters`;
  const entries = field.items ?? mapped(field);
  if (!entries) return '';
  const each = valuesOf(entries);
  const kind = field.items ? `list${lengthOf(field)}` : 'map';
  return `${kind}${each && `: ${each}`}`;
}

/** Returns the bounds of a number: `integer 1–8`, `0–1`, or `0–1, not 0`. */
function numbersOf({ type, minimum, exclusiveMinimum, maximum }: Schema): string {
  const low = minimum ?? exclusiveMinimum;
  if (low === undefined || maximum === undefined) return type === 'integer' ? 'integer' : 'number';
  const bounds = `${type === 'integer' ? 'integer ' : ''}${count(low)}–${count(maximum)}`;
  return exclusiveMinimum === undefined ? bounds : `${bounds}, not ${count(exclusiveMinimum)}`;
}

function lengthOf({ minItems = 0, maxItems }: Schema): string {
  if (maxItems === undefined) return '';
  return minItems > 0 ? ` of ${minItems}–${count(maxItems)}` : ` of up to ${count(maxItems)}`;
}

const shown = (value: unknown): string => (value === '' ? '""' : JSON.stringify(value).replaceAll('"', ''));

const code = (value: unknown): string => `\`${value}\``;
