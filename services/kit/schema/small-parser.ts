import type { Static, TSchema } from 'typebox';
import { type Problem, refuse } from './problems.ts';
import { isRecord } from './schema.ts';
import { shorten } from './shorten.ts';

/** Keywords that this parser knows. */
interface Small {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Small>>;
  readonly required?: readonly string[];
  readonly discriminator?: { readonly propertyName: string };
  readonly oneOf?: readonly Small[];
  readonly const?: unknown;
}

/**
 * Returns a checked copy of options with all defaults, or throws InvalidError. It replaces `parser` where Ajv would be
 * too large. It knows numbers, booleans, choices, and objects with or without a tag.
 */
export function parseSmall<S extends TSchema>(schema: S, value: unknown): Static<S> {
  const problems: Problem[] = [];
  const parsed = parse(schema as Small, value, '', problems);
  refuse(problems);
  return parsed as Static<S>;
}

function parse(schema: Small, value: unknown, pointer: string, problems: Problem[]): unknown {
  const expect = (expected: string) => {
    problems.push({ pointer, message: `expected ${expected}, got ${shorten(value)}` });
    return value;
  };
  if (schema.type === 'object')
    return isRecord(value) ? parseObject(schema, value, pointer, problems) : expect('object');
  if (schema.enum) return schema.enum.includes(value) ? value : expect(`one of ${schema.enum.join(', ')}`);
  if (schema.type === 'boolean') return typeof value === 'boolean' ? value : expect('boolean');
  const { type, minimum = -Infinity, exclusiveMinimum = -Infinity, maximum = Infinity } = schema;
  const isNumber = type === 'integer' ? Number.isInteger(value) : Number.isFinite(value);
  if (!isNumber) return expect(type ?? 'number');
  const number = value as number;
  if (number < minimum) return expect(`a number >= ${minimum}`);
  if (number <= exclusiveMinimum) return expect(`a number > ${exclusiveMinimum}`);
  if (number > maximum) return expect(`a number <= ${maximum}`);
  return number;
}

function parseObject(
  schema: Small,
  value: Readonly<Record<string, unknown>>,
  pointer: string,
  problems: Problem[],
): unknown {
  const { discriminator, oneOf = [] } = schema;
  const add = (name: string, message: string) => void problems.push({ pointer: pointer + name, message });
  let member: Small | undefined = schema;
  if (discriminator) {
    const tag = discriminator.propertyName;
    member = oneOf.find(({ properties }) => properties?.[tag]?.const === value[tag]);
    const known = oneOf.map(({ properties }) => properties?.[tag]?.const).join(', ');
    if (!member) add('', `expected ${tag} to be one of ${known}, got ${shorten(value[tag])}`);
  }
  const { properties = {}, required = [] } = member ?? {};
  const copy: Record<string, unknown> = {};
  for (const name of member ? Object.keys(value) : [])
    if (!Object.hasOwn(properties, name))
      add(`/${name}`, `unknown field, expected one of ${Object.keys(properties).join(', ')}`);
  for (const [name, field] of Object.entries(properties)) {
    const given = value[name] === undefined ? field.default : value[name];
    if ('const' in field) copy[name] = given;
    else if (given !== undefined) copy[name] = parse(field, given, `${pointer}/${name}`, problems);
    else if (required.includes(name)) add('', `missing required field ${name}`);
  }
  return copy;
}
