import type { Static, TBoolean, TInteger, TNumber, TObject, TOptional, TSchema, TUnsafe } from 'typebox';
import { Type } from './type.ts';

/** Limits of a number, and its value if it is left out. */
type Limits = ({ from: number } | { above: number }) & { to: number; default?: number; optional?: true };

type Field<L extends Limits, S extends TSchema> = L extends { optional: true } ? TOptional<S> : S;

function limited(type: string, limits: Limits, description?: string): unknown {
  const { default: fallback, to: maximum } = limits;
  const schema = {
    type,
    ...(fallback !== undefined && { default: fallback }),
    ...('from' in limits ? { minimum: limits.from } : { exclusiveMinimum: limits.above }),
    maximum,
    ...(description !== undefined && { description }),
  };
  return limits.optional ? Type.Optional(schema) : schema;
}

export const integer = <const L extends Limits>(limits: L, description?: string) =>
  limited('integer', limits, description) as Field<L, TInteger>;

export const number = <const L extends Limits>(limits: L, description?: string) =>
  limited('number', limits, description) as Field<L, TNumber>;

export const flag = (value: { default: boolean }, description: string): TBoolean =>
  Type.Boolean({ ...value, description });

export const choice = <const V extends readonly string[]>(
  { of, ...value }: { of: V; default: V[number] },
  description: string,
) => Type.Unsafe<V[number]>({ enum: of, ...value, description });

/** Returns the schema of a union of objects without unknown fields. The field `tag` selects the member. */
export function tagged<K extends string, M extends Record<string, TObject>>(
  tag: K,
  members: M,
  options: { description?: string } = {},
): TUnsafe<{ [P in keyof M & string]: { [T in K]: P } & Static<M[P]> }[keyof M & string]> {
  return Type.Unsafe({
    ...options,
    type: 'object',
    discriminator: { propertyName: tag },
    oneOf: Object.entries(members).map(([name, member]) => ({
      ...member,
      properties: { [tag]: { const: name }, ...member.properties },
      required: [tag, ...(member.required ?? [])],
      additionalProperties: false,
    })),
  });
}

/** Returns the schema for the options of several kinds. The field `kind` selects the kind. */
export function taggedKinds<K extends Record<string, { readonly options: TObject }>>(
  kinds: K,
  options: { description?: string } = {},
): TUnsafe<{ [P in keyof K & string]: { kind: P } & Static<K[P]['options']> }[keyof K & string]> {
  const members = Object.fromEntries(Object.entries(kinds).map(([kind, { options }]) => [kind, options]));
  return tagged('kind', members as { [P in keyof K]: K[P]['options'] }, options);
}

/** Returns the schema of an object with `properties`, `tag` and `field`, whose schema the value of `tag` selects. */
export function depending<
  P extends Record<string, TSchema>,
  T extends string,
  F extends string,
  G extends readonly { readonly of: readonly string[]; readonly schema: TSchema }[],
>(
  properties: P,
  tag: T,
  field: F,
  groups: G,
  options: { description?: string } = {},
): TUnsafe<
  Static<TObject<P>> &
    {
      [I in keyof G]: { [K in T]: G[I]['of'][number] } & { [K in F]: Static<G[I]['schema']> };
    }[number]
> {
  const { required = [] } = Type.Object(properties) as { required?: string[] };
  const isOf = ({ of }: G[number]) => ({ properties: { [tag]: { enum: of } }, required: [tag] });
  return Type.Unsafe({
    ...options,
    type: 'object',
    discriminator: { propertyName: tag },
    properties: { ...properties, [tag]: {}, [field]: {} },
    required: [...required, field],
    additionalProperties: false,
    oneOf: groups.map(isOf),
    allOf: groups.map((group) => ({
      if: isOf(group),
      // biome-ignore lint/suspicious/noThenProperty: it is JSON Schema's
      then: { properties: { [field]: group.schema } },
    })),
  });
}

/** Returns the schema of an object with exactly one field, such as `{ timeout: { ms: 120 } }`. */
export function oneOfKeys<M extends Record<string, TSchema>>(
  members: M,
  options: { description?: string } = {},
): TUnsafe<{ [P in keyof M & string]: { [Q in P]: Static<M[P]> } }[keyof M & string]> {
  return Type.Unsafe({
    ...options,
    type: 'object',
    minProperties: 1,
    maxProperties: 1,
    additionalProperties: false,
    properties: members,
  });
}

/** Returns the schema of a map. TypeBox's Record doesn't check entries whose name contains a line break. */
export function mapOf<V extends TSchema>(
  value: V,
  options: object = {},
): TUnsafe<Record<string, Static<V>>> & { type: 'object' } {
  return Type.Unsafe({ ...options, type: 'object', additionalProperties: value }) as never;
}

export function strict<P extends Record<string, TSchema>>(properties: P, options: object = {}): TObject<P> {
  return Type.Object(properties, { additionalProperties: false, ...options });
}

export const documented = <P extends Record<string, TSchema>>(
  description: string,
  properties: P,
): TObject<P> => strict(properties, { description });

export const seedMax = 2 ** 31 - 1;

export const Seed = (description: string) => integer({ from: 0, to: seedMax, default: 1 }, description);

/** True if a value from JSON or YAML is an object, and neither null nor a list. */
export const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const pattern = /^(?!-)(?=.{1,40}$)[a-z0-9-]*[a-z][a-z0-9-]*$/;

export const namePattern = pattern.source;

/** True if a text can name a variant, fault or class: safe in a folder's name or a header, and no number. */
export const isName = (text: unknown): text is string => typeof text === 'string' && pattern.test(text);

export const nameExpected =
  'expected a name of at most 40 small letters, digits and hyphens, with a letter in it';

export const ClassName = (description: string) =>
  Type.Optional(Type.String({ pattern: namePattern, description }));
