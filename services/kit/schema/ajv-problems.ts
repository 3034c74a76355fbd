import type { ErrorObject } from 'ajv';
import { nearest, nearestOrAll } from './nearest.ts';
import { escapePointer, type Problem } from './problems.ts';
import { shorten } from './shorten.ts';

export interface Found {
  /** Problems whose messages are made when they are read, since making a message is slow. */
  readonly problems: readonly Problem[];
  /** Pointers of unknown fields. */
  readonly unknown: ReadonlySet<string>;
}

/** Converts the errors of an Ajv with the option `verbose` to problems. */
export function problemsOf(errors: readonly ErrorObject[]): Found {
  const problems = new Map<string, Problem>();
  const unknown = new Set<string>();
  for (const error of errors) {
    const { keyword, params, parentSchema } = error;
    if (keyword === 'if' || (keyword === 'required' && isMisspelt(error))) continue;
    const pointer = pointerOf(error);
    const isUnknown = keyword === 'additionalProperties' || misspeltTag(error) !== undefined;
    if (isUnknown) unknown.add(pointer);
    // A custom `errorMessage` covers all errors of a value, so it is reported once.
    const rule = isUnknown || (parentSchema as Parent).errorMessage !== undefined ? '' : keyword;
    const key = `${rule} ${params.missingProperty ?? ''} ${pointer}`;
    if (problems.has(key)) continue;
    problems.set(key, {
      pointer,
      get message() {
        return messageOf(error);
      },
    });
  }
  return { problems: [...problems.values()], unknown };
}

/** Properties of a schema that messages use. */
interface Parent {
  readonly properties?: object;
  readonly additionalProperties?: boolean;
  readonly oneOf?: readonly { readonly properties: Record<string, Tag> }[];
  /** Message for any error of the value itself, instead of the usual messages. Some editors show it, too. */
  readonly errorMessage?: string;
}

type Tag = { readonly const?: string; readonly enum?: readonly string[] };

const fieldsOf = ({ parentSchema }: ErrorObject): string[] =>
  Object.keys((parentSchema as Parent).properties ?? {});

/** True if a field is missing because it is probably misspelt, and its misspelling is reported as an unknown field. */
function isMisspelt(error: ErrorObject): boolean {
  if ((error.parentSchema as Parent).additionalProperties !== false) return false;
  const known = fieldsOf(error);
  const missing: string = error.params.missingProperty;
  return Object.keys(error.data as object).some(
    (name) => !known.includes(name) && nearest(name, known) === missing,
  );
}

/** Returns the unknown field that is probably a misspelling of the missing tag. */
function misspeltTag({ keyword, params, data, parentSchema }: ErrorObject): string | undefined {
  if (keyword !== 'discriminator' || params.tagValue !== undefined) return undefined;
  const { oneOf = [] } = parentSchema as Parent;
  return Object.keys(data as object).find(
    (name) => nearest(name, [params.tag]) && !oneOf.some(({ properties }) => Object.hasOwn(properties, name)),
  );
}

/** Returns the pointer of an error. An unknown field or a wrong tag is meant itself, not its parent as in Ajv. */
function pointerOf(error: ErrorObject): string {
  const { instancePath, params } = error;
  const tag = params.tagValue === undefined ? misspeltTag(error) : params.tag;
  const field = params.additionalProperty ?? tag;
  return field === undefined ? instancePath : `${instancePath}/${escapePointer(field)}`;
}

function messageOf(error: ErrorObject): string {
  const { keyword, params, message, data, parentSchema } = error;
  const { errorMessage, oneOf = [] } = parentSchema as Parent;
  const got = () => `got ${shorten(data)}`;
  if (errorMessage !== undefined) return `${errorMessage}, ${got()}`;
  switch (keyword) {
    case 'additionalProperties':
      return `unknown field, ${nearestOrAll(params.additionalProperty, fieldsOf(error))}`;
    case 'required':
      return `missing required field ${params.missingProperty}`;
    case 'type':
      return `expected ${[params.type].flat().join(' or ')}, ${got()}`;
    case 'enum':
      return oneOfThese('', data, params.allowedValues);
    case 'const':
      return `expected ${JSON.stringify(params.allowedValue)}, ${got()}`;
    case 'discriminator':
      return misspeltTag(error) === undefined
        ? oneOfThese(params.tag, params.tagValue, tagsOf(oneOf, params.tag))
        : `unknown field, did you mean ${params.tag}?`;
    case 'minProperties':
    case 'maxProperties':
      return `expected exactly one of ${fieldsOf(error).join(', ')}, got ${Object.keys(data as object).length} fields`;
    case 'pattern':
      return `expected a text that matches ${params.pattern}, ${got()}`;
    case 'minLength':
      return params.limit === 1
        ? `expected a text that is not empty, ${got()}`
        : `expected at least ${params.limit} characters, ${got()}`;
    case 'maxLength':
      return `expected at most ${params.limit} characters, got ${[...String(data)].length}`;
    case 'minItems':
    case 'maxItems':
      return `expected a list of at ${keyword === 'minItems' ? 'least' : 'most'} ${params.limit}, got ${(data as unknown[]).length}`;
    case 'minimum':
    case 'maximum':
    case 'exclusiveMinimum':
    case 'exclusiveMaximum':
      return `expected a number ${params.comparison} ${params.limit}, ${got()}`;
    default:
      return `${message}, ${got()}`;
  }
}

/** Says which texts are known, or which of them is near. `tag` is the name of the field if a union has several kinds. */
function oneOfThese(tag: string, written: unknown, known: readonly unknown[]): string {
  const near = typeof written === 'string' ? nearest(written, known.map(String)) : undefined;
  if (near !== undefined) return `unknown ${tag || 'value'} ${shorten(written)}, did you mean ${near}?`;
  return `expected ${tag && `${tag} to be `}one of ${known.join(', ')}, got ${shorten(written)}`;
}

/**
 * Returns the tags of a union. Drops `consumer-1`, `nats-1->nats` … if it also has `consumer`, `nats->nats` …, which
 * stand for all of them.
 */
function tagsOf(members: NonNullable<Parent['oneOf']>, tag: string): string[] {
  const tags = members.flatMap(({ properties }) => properties[tag]?.enum ?? properties[tag]?.const ?? []);
  return tags.filter((name) => {
    const common = name.replace(/-\d+(?=$|->)/, '');
    return common === name || !tags.includes(common);
  });
}
