import { Ajv, type ErrorObject } from 'ajv';
import { type Static, type TObject, type TSchema, type TUnsafe, Type } from 'typebox';

/** One thing wrong with a value: where (a JSON pointer, '' for the whole) and what was expected there. */
export interface Problem {
  readonly pointer: string;
  readonly message: string;
}

/** Says everything that is wrong with a value from outside. */
export class InvalidError extends Error {
  override readonly name = 'InvalidError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(problems.map(({ pointer, message }) => `${pointer || 'value'}: ${message}`).join('; '));
    this.problems = problems;
  }
}

const ajv = new Ajv({
  allErrors: true,
  useDefaults: true,
  discriminator: true,
  strict: false,
  verbose: true,
});

/**
 * Compiles a schema into a function that returns a checked copy of a value with the defaults filled in,
 * or throws InvalidError with all problems at once.
 */
export function parser<S extends TSchema>(schema: S): (value: unknown) => Static<S> {
  const validate = ajv.compile(schema);
  return (value) => {
    const copy = structuredClone(value);
    if (validate(copy)) return copy as Static<S>;
    throw new InvalidError(problemsOf(validate.errors ?? []));
  };
}

/** An object without unknown fields that is told apart from its siblings by the constant in `tag`. */
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

/** An object with exactly one field, whose name says what its value is: `{ timeout: { ms: 120 } }`. */
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

/** An object that refuses unknown fields. */
export function strict<P extends Record<string, TSchema>>(properties: P, options: object = {}): TObject<P> {
  return Type.Object(properties, { additionalProperties: false, ...options });
}

function problemsOf(errors: readonly ErrorObject[]): Problem[] {
  const problems = errors
    .filter((error) => error.keyword !== 'if')
    .map((error) => ({ pointer: pointerOf(error), message: messageOf(error) }));
  const distinct = new Map(problems.map((problem) => [`${problem.pointer}\n${problem.message}`, problem]));
  return [...distinct.values()];
}

/** Ajv reports an unknown field at its parent; a reader looks for the field itself. */
function pointerOf({ instancePath, keyword, params }: ErrorObject): string {
  if (keyword === 'additionalProperties')
    return `${instancePath}/${escapePointer(params.additionalProperty)}`;
  if (keyword === 'discriminator' && params.tagValue !== undefined) return `${instancePath}/${params.tag}`;
  return instancePath;
}

const escapePointer = (name: string): string => name.replaceAll('~', '~0').replaceAll('/', '~1');

function messageOf({ keyword, params, message, data, parentSchema }: ErrorObject): string {
  const got = `got ${shorten(data)}`;
  const schema = parentSchema as {
    properties?: object;
    oneOf?: { properties: Record<string, { const: string }> }[];
  };
  switch (keyword) {
    case 'additionalProperties': {
      const known = Object.keys(schema.properties ?? {});
      return `unknown field, expected one of ${known.join(', ')}`;
    }
    case 'required':
      return `expected a field ${params.missingProperty}`;
    case 'type':
      return `expected ${[params.type].flat().join(' or ')}, ${got}`;
    case 'enum':
      return `expected one of ${params.allowedValues.join(', ')}, ${got}`;
    case 'const':
      return `expected ${JSON.stringify(params.allowedValue)}, ${got}`;
    case 'discriminator': {
      const tags = schema.oneOf?.map((member) => member.properties[params.tag]?.const) ?? [];
      const value = params.tagValue === undefined ? 'it is missing' : `got ${shorten(params.tagValue)}`;
      return `expected ${params.tag} to be one of ${tags.join(', ')}, ${value}`;
    }
    case 'minProperties':
    case 'maxProperties':
      return `expected exactly one of ${Object.keys(schema.properties ?? {}).join(', ')}, got ${Object.keys(data as object).length} fields`;
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return `expected a number ${params.comparison} ${params.limit}, ${got}`;
    default:
      return `${message}, ${got}`;
  }
}

function shorten(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}
