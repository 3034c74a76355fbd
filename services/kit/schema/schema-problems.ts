import type { Schema, SchemaError } from './checks.ts';
import { nearest, nearestOrAll } from './nearest.ts';
import { escapePointer, type Problem } from './problems.ts';
import { shorten } from './shorten.ts';

/** Converts errors to problems. Their messages are made when they are read, since there may be thousands. */
export function problemsOf(errors: readonly SchemaError[]): Problem[] {
  const problems = new Map<string, Problem>();
  for (const error of errors) {
    const { keyword, params, instancePath, parentSchema } = error;
    const unknown = unknownField(error);
    const field = unknown ?? (params.tagValue === undefined ? undefined : params.tag);
    const pointer = field === undefined ? instancePath : `${instancePath}/${escapePointer(field)}`;
    const rule = parentSchema.errorMessage ?? `${keyword} ${params.missingProperty}`;
    const key = `${unknown === undefined ? rule : 'unknown'} ${pointer}`;
    if (problems.has(key)) continue;
    problems.set(key, {
      pointer,
      ...(unknown !== undefined && { onKey: true }),
      get message() {
        return unknown === undefined
          ? messageOf(error)
          : `unknown field, ${nearestOrAll(unknown, fieldsOf(parentSchema))}`;
      },
    });
  }
  return [...problems.values()];
}

/** Returns the unknown field of an error. If a field is missing, returns the one that probably misspells it. */
function unknownField({ params, data, parentSchema }: SchemaError): string | undefined {
  const missing = params.missingProperty ?? (params.tagValue === undefined ? params.tag : undefined);
  if (missing === undefined) return params.additionalProperty;
  const known = fieldsOf(parentSchema);
  return Object.keys(data as object).find((name) => !known.includes(name) && nearest(name, [missing]));
}

/** Returns the fields of an object, or of all members of a union. */
const fieldsOf = ({ properties = {}, oneOf = [] }: Schema): string[] => [
  ...new Set<string>([...Object.keys(properties), ...oneOf.flatMap(fieldsOf)]),
];

const exactlyOne = ({ parentSchema }: SchemaError) => `exactly one of ${fieldsOf(parentSchema).join(', ')}`;

const typeNames: Readonly<Record<string, string>> = {
  number: 'a number',
  integer: 'a whole number',
  string: 'a text',
  array: 'a list',
  boolean: 'true or false',
};

/** Values that each keyword of JSON Schema accepts, as text. */
const expectations: Readonly<Record<string, (error: SchemaError) => string>> = {
  type: ({ params, instancePath }) =>
    [params.type]
      .flat()
      .map((type) => typeNames[type] ?? type)
      .join(' or ') + (/Ms$/.test(instancePath) ? ' of milliseconds' : ''),
  anyOf: ({ parentSchema }) => parentSchema.anyOf.map((one: Schema) => one.const ?? one.type).join(' or '),
  const: ({ params }) => JSON.stringify(params.allowedValue),
  pattern: ({ params }) => `a text that matches ${params.pattern}`,
  minLength: ({ params }) => `a text of length >= ${params.limit}`,
  maxLength: ({ params }) => `a text of length <= ${params.limit}`,
  minItems: ({ params }) => `a list of length >= ${params.limit}`,
  maxItems: ({ params }) => `a list of length <= ${params.limit}`,
  minProperties: exactlyOne,
  maxProperties: exactlyOne,
};

function messageOf(error: SchemaError): string {
  const { keyword, params, data, parentSchema } = error;
  const { missingProperty, allowedValues, tag, tagValue, comparison, limit } = params;
  if (keyword === 'required') return `missing required field ${missingProperty}`;
  if (keyword === 'enum') return unknownName('value', data, allowedValues);
  if (keyword === 'discriminator') return unknownName(tag, tagValue, tagsIn(parentSchema, tag));
  const bound = comparison && `a number ${comparison} ${limit}`;
  const expected = bound ?? expectations[keyword]!(error);
  // Some editors show an `errorMessage`, too.
  return `${parentSchema.errorMessage ?? `expected ${expected}`}, got ${gotIn(keyword, data)}`;
}

/** Returns a value, or its length or fields where these are wrong. */
function gotIn(keyword: string, data: unknown): string {
  if (/Length|Items/.test(keyword)) return String([...(data as Iterable<unknown>)].length);
  return shorten(keyword.endsWith('Properties') ? Object.keys(data as object) : data);
}

function unknownName(what: string, written: unknown, known: readonly unknown[]): string {
  const names = nearestOrAll(typeof written === 'string' ? written : '', known.map(String));
  return written === undefined
    ? `missing required field ${what}, ${names}`
    : `unknown ${what} ${shorten(written)}, ${names}`;
}

/** Returns the tags of a union, without numbered ones such as `consumer-1`, since `consumer` stands for all of them. */
const tagsIn = ({ oneOf = [] }: Schema, tag: string): string[] =>
  oneOf
    .flatMap(({ properties }: Schema) => properties[tag].enum ?? properties[tag].const)
    .filter((name: string) => !/-\d/.test(name));
