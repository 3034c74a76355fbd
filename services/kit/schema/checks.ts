import { escapePointer } from './problems.ts';
import { isRecord } from './schema.ts';

// biome-ignore lint/suspicious/noExplicitAny: its keywords have values of many types
export type Schema = Record<string, any>;

/** Violation of a keyword. `data` is the wrong value, and `parentSchema` has the keyword. */
export interface SchemaError {
  readonly keyword: string;
  readonly params: Schema;
  readonly instancePath: string;
  readonly data: unknown;
  readonly parentSchema: Schema;
}

/** Adds defaults to a value in place, and its errors to the list. `path` is the JSON pointer of the value. */
type Check = (data: unknown, path: string, errors: SchemaError[]) => void;

/** Checks of one kind of values. They come after `enum`, `const` and `anyOf`, and only for values of that kind. */
type Rules<T> = Readonly<Record<string, (keyword: never, schema: Schema) => Rule<T>>>;
type Rule<T> = (data: T, path: string, errors: SchemaError[], fail: Fail) => void;
type Fail = (keyword: string, params: object) => void;

const isOf: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isRecord,
  array: Array.isArray,
  boolean: (value) => typeof value === 'boolean',
  string: (value) => typeof value === 'string',
  integer: Number.isInteger,
  number: Number.isFinite, // JSON.parse reads 1e999 as infinity
  null: (value) => value === null,
};

const limit =
  <T>(isWithin: (data: T, limit: number) => boolean, comparison?: string) =>
  (keyword: string) =>
  (limit: number): Rule<T> =>
  (data, _path, _errors, fail) => {
    if (!isWithin(data, limit)) fail(keyword, { limit, ...(comparison && { comparison }) });
  };

const sizeOf = (data: object): number => Object.keys(data).length;

const numbers: Rules<number> = {
  minimum: limit<number>((data, min) => data >= min, '>=')('minimum'),
  exclusiveMinimum: limit<number>((data, min) => data > min, '>')('exclusiveMinimum'),
  maximum: limit<number>((data, max) => data <= max, '<=')('maximum'),
};

const strings: Rules<string> = {
  minLength: limit<string>((data, min) => data.length >= min && [...data].length >= min)('minLength'),
  maxLength: limit<string>((data, max) => data.length <= max || [...data].length <= max)('maxLength'),
  pattern(pattern: string) {
    const regExp = new RegExp(pattern, 'u');
    return (data, _path, _errors, fail) => {
      if (!regExp.test(data)) fail('pattern', { pattern });
    };
  },
};

const arrays: Rules<unknown[]> = {
  minItems: limit<unknown[]>(({ length }, min) => length >= min)('minItems'),
  maxItems: limit<unknown[]>(({ length }, max) => length <= max)('maxItems'),
  items(items: Schema) {
    const check = checkOf(items);
    return (data, path, errors) => {
      for (let i = 0; i < data.length; i++) check(data[i], `${path}/${i}`, errors);
    };
  },
};

const objects: Rules<Record<string, unknown>> = {
  maxProperties: limit<object>((data, max) => sizeOf(data) <= max)('maxProperties'),
  minProperties: limit<object>((data, min) => sizeOf(data) >= min)('minProperties'),
  required: (names: readonly string[]) => (data, _path, _errors, fail) => {
    for (const name of names) if (data[name] === undefined) fail('required', { missingProperty: name });
  },
  additionalProperties(others: false | Schema, { properties = {} }) {
    const check = others && checkOf(others);
    return (data, path, errors, fail) => {
      for (const name of Object.keys(data)) {
        if (Object.hasOwn(properties, name)) continue;
        if (check) check(data[name], `${path}/${escapePointer(name)}`, errors);
        else fail('additionalProperties', { additionalProperty: name });
      }
    };
  },
  properties(fields: Readonly<Record<string, Schema>>) {
    const checks = Object.entries(fields).map(([name, field]) => {
      return { name, pointer: `/${escapePointer(name)}`, check: checkOf(field) };
    });
    return (data, path, errors) => {
      for (const { name, pointer, check } of checks)
        if (data[name] !== undefined) check(data[name], path + pointer, errors);
    };
  },
  discriminator({ propertyName: tag }: { propertyName: string }, { oneOf }) {
    const members = new Map<unknown, Check>();
    for (const member of oneOf as Schema[]) {
      const { const: value, enum: values = [value] } = member.properties[tag];
      const check = checkOf(member);
      for (const each of values) members.set(each, check);
    }
    return (data, path, errors, fail) => {
      const check = members.get(data[tag]);
      if (check) check(data, path, errors);
      else fail('discriminator', { tag, tagValue: data[tag] });
    };
  },
};

/** Keywords for values of any type. */
const anything: Rules<unknown> = {
  const: (value) => (data, _path, _errors, fail) => {
    if (data !== value) fail('const', { allowedValue: value });
  },
  enum: (values: readonly unknown[]) => (data, _path, _errors, fail) => {
    if (!values.includes(data)) fail('enum', { allowedValues: values });
  },
  anyOf(members: readonly Schema[]) {
    const checks = members.map(checkOf);
    return (data, path, errors, fail) => {
      const wrong: SchemaError[] = [];
      for (const check of checks) {
        const { length } = wrong;
        check(data, path, wrong);
        if (wrong.length === length) return;
      }
      errors.push(...wrong);
      fail('anyOf', {});
    };
  },
  allOf(groups: readonly { readonly if: Schema; readonly then: Schema }[]) {
    const checks = groups.map((group) => [checkOf(group.if), checkOf(group.then)] as const);
    return (data, path, errors) => {
      for (const [isMeant, check] of checks) {
        const others: SchemaError[] = [];
        isMeant(data, path, others);
        if (others.length === 0) check(data, path, errors);
      }
    };
  },
};

/**
 * Returns the check of a schema. It knows the keywords that Spillway's schemas use, and reports all errors of a value
 * in the order of Ajv. An `allOf` consists of pairs of `if` and `then`, and a `oneOf` needs a `discriminator`.
 */
export function checkOf(schema: Schema): Check {
  const { type, properties = {} } = schema;
  const kinds = type === undefined ? undefined : [type].flat().map((each: string) => isOf[each]!);
  const defaults = Object.entries<Schema>(properties).flatMap(([name, field]) =>
    'default' in field ? [[name, field.default] as const] : [],
  );
  const rulesOf = <T>(kind: Rules<T>) =>
    Object.entries(kind).flatMap(([keyword, rule]) =>
      keyword in schema ? [rule(schema[keyword] as never, schema)] : [],
    );
  const [always, ofNumber, ofString] = [rulesOf(anything), rulesOf(numbers), rulesOf(strings)];
  const [ofArray, ofObject] = [rulesOf(arrays), rulesOf(objects)];
  return (data, path, errors) => {
    const fail: Fail = (keyword, params) =>
      void errors.push({ keyword, params, instancePath: path, data, parentSchema: schema });
    if (kinds && !kinds.some((isKind) => isKind(data))) fail('type', { type });
    for (const rule of always) rule(data, path, errors, fail);
    if (typeof data === 'number') for (const rule of ofNumber) rule(data, path, errors, fail);
    else if (typeof data === 'string') for (const rule of ofString) rule(data, path, errors, fail);
    else if (Array.isArray(data)) for (const rule of ofArray) rule(data, path, errors, fail);
    else if (isRecord(data)) {
      for (const [name, value] of defaults) if (data[name] === undefined) data[name] = cloned(value);
      for (const rule of ofObject) rule(data, path, errors, fail);
    }
  };
}

/** Copies the lists and objects of a value. Other values, such as functions, are the same in both. */
export function cloned<T>(value: T): T {
  if (Array.isArray(value)) return value.map(cloned) as T;
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, cloned(field)])) as T;
}
