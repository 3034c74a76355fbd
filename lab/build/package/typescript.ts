import type { Schema } from '#lab/build/reference/tables.ts';

/** Returns the declaration of a type for the values of a schema, with its descriptions as comments. */
export const declaration = (name: string, schema: object): string =>
  `${comment(schema, '')}export type ${name} = ${typeOf(schema, '')};\n`;

function typeOf(schema: Schema, indent: string): string {
  const { type, enum: values, anyOf, oneOf, allOf } = schema;
  if ('const' in schema) return JSON.stringify(schema.const);
  if (values) return unique(values.map((value) => JSON.stringify(value)));
  if (anyOf) return unique(anyOf.map((member) => typeOf(member, indent)));
  if (allOf) return allOf.map((group) => objectOf(merged(schema, group), indent)).join(' | ');
  if (oneOf) return oneOf.map((member) => typeOf(member, indent)).join(' | ');
  if (typeof type === 'object') return unique(type.map((each) => typeOf({ ...schema, type: each }, indent)));
  if (type === 'array') return `readonly ${grouped(typeOf(schema.items ?? {}, indent))}[]`;
  if (type === 'integer') return 'number';
  if (type !== 'object') return type ?? 'unknown';
  const { properties, additionalProperties: others, maxProperties } = schema;
  if (properties && maxProperties === 1) return oneFieldOf(properties, indent);
  if (properties) return objectOf(schema, indent);
  return typeof others === 'object' ? `Readonly<Record<string, ${typeOf(others, indent)}>>` : 'object';
}

const merged = (
  { properties, required = [] }: Schema,
  group: NonNullable<Schema['allOf']>[number],
): Schema => ({
  properties: { ...properties, ...group.if.properties, ...group.then.properties },
  required: [...required, ...(group.if.required ?? [])],
});

const oneFieldOf = (properties: NonNullable<Schema['properties']>, indent: string): string =>
  Object.entries(properties)
    .map(([name, field]) => objectOf({ properties: { [name]: field }, required: [name] }, indent))
    .join(' | ');

const unique = (types: readonly string[]): string => [...new Set(types)].join(' | ');
const grouped = (type: string): string => (type.includes(' | ') ? `(${type})` : type);

/** Types of the names that a pattern allows. */
const nameTypes: Readonly<Record<string, string>> = { '^\\w+\\(.+\\)$': `\`\${string}(\${string})\`` };

function objectOf(
  { properties = {}, patternProperties = {}, required = [] }: Schema,
  indent: string,
): string {
  const inner = `${indent}  `;
  const fields = Object.entries(properties).map(([name, field]) => {
    const key = /^\w+$/.test(name) ? name : JSON.stringify(name);
    const type = typeOf(field, inner);
    return required.includes(name)
      ? `${comment(field, inner)}${inner}readonly ${key}: ${type};\n`
      : `${comment(field, inner)}${inner}readonly ${key}?: ${type} | undefined;\n`;
  });
  for (const [pattern, field] of Object.entries(patternProperties))
    fields.push(`${inner}readonly [name: ${nameTypes[pattern]}]: ${typeOf(field, inner)} | undefined;\n`);
  return fields.length === 0 ? 'Readonly<Record<never, never>>' : `{\n${fields.join('')}${indent}}`;
}

function comment(schema: Schema, indent: string): string {
  const fallback = 'default' in schema ? ` @default ${JSON.stringify(schema.default)}` : '';
  const text = `${schema.description ?? ''}${fallback}`.trim();
  return text === '' ? '' : `${indent}/** ${text} */\n`;
}
