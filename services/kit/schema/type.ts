import type { Type as TypeBox } from 'typebox';

/** Schemas of fields that are optional in their object. */
const optionals = new WeakSet<object>();

const plain =
  (type: string) =>
  (options: object = {}) => ({ type, ...options });

function optional(schema: object): object {
  const copy = { ...schema };
  optionals.add(copy);
  return copy;
}

function object(properties: Readonly<Record<string, object>>, options: object = {}): object {
  const required = Object.keys(properties).filter((name) => !optionals.has(properties[name]!));
  return { type: 'object', ...(required.length > 0 && { required }), properties, ...options };
}

function partial({ properties }: { properties: Readonly<Record<string, object>> }, options?: object): object {
  const fields = Object.entries(properties).map(([name, schema]) => [name, optional(schema)]);
  return object(Object.fromEntries(fields), options);
}

const builders = {
  Array: (items: object, options: object = {}) => ({ type: 'array', items, ...options }),
  Boolean: plain('boolean'),
  Enum: (values: readonly unknown[], options: object = {}) => ({ enum: values, ...options }),
  Integer: plain('integer'),
  Literal: (value: unknown, options: object = {}) => ({ type: typeof value, const: value, ...options }),
  Number: plain('number'),
  Object: object,
  Optional: optional,
  Partial: partial,
  String: plain('string'),
  Union: (anyOf: readonly object[], options: object = {}) => ({ anyOf, ...options }),
  Unknown: (options: object = {}) => ({ ...options }),
  Unsafe: (schema: object) => schema,
};

/** Builders of JSON Schema with TypeBox's types. Its own builders, 373 modules, would delay each start by 60 ms. */
export const Type = builders as unknown as Pick<typeof TypeBox, keyof typeof builders>;
