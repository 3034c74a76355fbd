import type { Schema } from '#kit/schema/json-schema.ts';
import { outcomes } from '#kit/wire.ts';

interface Form {
  readonly comment: (text: string, indent: string) => string;
  readonly field: (name: string, type: string, isRequired: boolean) => string;
  readonly list: (type: string) => string;
  readonly map: (type: string) => string;
}

const exact: Form = {
  comment: (text, indent) => `${indent}/** ${text} */\n`,
  field: (name, type, isRequired) =>
    isRequired ? `readonly ${name}: ${type};` : `readonly ${name}?: ${type} | undefined;`,
  list: (type) => `readonly ${type}[]`,
  map: (type) => `Readonly<Record<string, ${type}>>`,
};

/** Form for readers. Its comments have no links, and lines of at most 110 characters if their words allow. */
const readable: Form = {
  comment: (text, indent) =>
    text.replaceAll(/\[([^\]]+)\]\([^)]*\)/g, '$1').replaceAll(/(.{1,104})(?: |$)/g, `${indent}// $1\n`),
  field: (name, type, isRequired) => `${name}${isRequired ? '' : '?'}: ${type}`,
  list: (type) => `${type}[]`,
  map: (type) => `Record<string, ${type}>`,
};

/** Returns the declaration of a type for the values of a schema, with its descriptions as comments. */
export const declaration = (name: string, schema: object): string =>
  `${comment(schema, '', exact)}export type ${name} = ${typeOf(schema, '', exact)};\n`;

/**
 * Returns the fields of an object for a page, with their types, and their descriptions as comments. `names` has the types
 * that a page lists apart, by the properties of their schemas.
 */
export function listing(schema: Schema, names: ReadonlyMap<object, string> = new Map()): string {
  const inner = JSON.parse(
    JSON.stringify(schema, (_key, value) => {
      const name = value?.properties !== schema.properties && names.get(value?.properties);
      if (name) return { ...value, type: Array.isArray(value.type) ? [name, 'null'] : name };
      if (!value?.properties || !isByOutcome(value)) return value;
      return { ...value, properties: undefined, additionalProperties: value.properties.ok };
    }),
  );
  const fields = typeOf(inner, '', readable).slice('{\n'.length, -'}'.length).replaceAll(/^ {2}/gm, '');
  return `\`\`\`ts\n${fields}\`\`\`\n`;
}

/** True for an object that has a field for each outcome, which a page lists as a map. */
const isByOutcome = ({ properties = {} }: Schema): boolean =>
  outcomes.every((outcome) => outcome in properties);

function typeOf(schema: Schema, indent: string, form: Form): string {
  const { type, enum: values, anyOf, oneOf, allOf } = schema;
  if ('const' in schema) return JSON.stringify(schema.const);
  if (values) return unique(values.map((value) => JSON.stringify(value)));
  if (anyOf) return unique(anyOf.map((member) => typeOf(member, indent, form)));
  if (allOf) return allOf.map((group) => objectOf(merged(schema, group), indent, form)).join(' | ');
  if (oneOf) return oneOf.map((member) => typeOf(member, indent, form)).join(' | ');
  if (typeof type === 'object')
    return unique(type.map((each) => typeOf({ ...schema, type: each }, indent, form)));
  if (type === 'array') return form.list(grouped(typeOf(schema.items ?? {}, indent, form)));
  if (type === 'integer') return 'number';
  if (type !== 'object') return type ?? 'unknown';
  const { properties, additionalProperties: others, maxProperties } = schema;
  if (properties && maxProperties === 1) return oneFieldOf(properties, indent, form);
  if (properties) return objectOf(schema, indent, form);
  return typeof others === 'object' ? form.map(typeOf(others, indent, form)) : 'object';
}

const merged = (
  { properties, required = [] }: Schema,
  group: NonNullable<Schema['allOf']>[number],
): Schema => ({
  properties: { ...properties, ...group.if.properties, ...group.then.properties },
  required: [...required, ...(group.if.required ?? [])],
});

const oneFieldOf = (properties: NonNullable<Schema['properties']>, indent: string, form: Form): string =>
  Object.entries(properties)
    .map(([name, field]) => objectOf({ properties: { [name]: field }, required: [name] }, indent, form))
    .join(' | ');

const unique = (types: readonly string[]): string => [...new Set(types)].join(' | ');
const grouped = (type: string): string => (type.includes(' | ') ? `(${type})` : type);

/** Types of the names that a pattern allows. */
const nameTypes: Readonly<Record<string, string>> = { '^\\w+\\(.+\\)$': `\`\${string}(\${string})\`` };

function objectOf(
  { properties = {}, patternProperties = {}, required = [] }: Schema,
  indent: string,
  form: Form,
): string {
  const inner = `${indent}  `;
  const fields = Object.entries(properties).map(([name, field]) => {
    const key = /^\w+$/.test(name) ? name : JSON.stringify(name);
    const type = typeOf(field, inner, form);
    return `${comment(field, inner, form)}${inner}${form.field(key, type, required.includes(name))}\n`;
  });
  for (const [pattern, field] of Object.entries(patternProperties))
    fields.push(
      `${inner}readonly [name: ${nameTypes[pattern]}]: ${typeOf(field, inner, form)} | undefined;\n`,
    );
  return fields.length === 0 ? 'Readonly<Record<never, never>>' : `{\n${fields.join('')}${indent}}`;
}

function comment(schema: Schema, indent: string, form: Form): string {
  const fallback = 'default' in schema ? ` @default ${JSON.stringify(schema.default)}` : '';
  const text = `${schema.description ?? ''}${fallback}`.trim();
  return text === '' ? '' : form.comment(text, indent);
}
