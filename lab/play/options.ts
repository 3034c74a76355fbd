import { ConsumerConfig } from '#consumer/config.ts';
import { nearestOrAll } from '#kit/schema/nearest.ts';
import { isRecord } from '#kit/schema/schema.ts';
import { policies } from '#policies/pipeline.ts';
import { StreamConfig } from '#publisher/config.ts';
import { addressNames } from './setting.ts';

/** An option of a variant that a page can change. */
export interface Option {
  /** Such as `retry.budget.ratio`. */
  readonly path: string;
  readonly description: string;
  /** Undefined if it is not set and has no default. */
  readonly value: unknown;
  readonly least?: number | undefined;
  readonly most?: number | undefined;
  readonly isWhole: boolean;
  readonly choices?: readonly string[] | undefined;
}

/** Part of JSON Schema that the options of policies use. */
interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly string[];
  readonly const?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly oneOf?: readonly Schema[];
}

export type Fields = Readonly<Record<string, unknown>>;

/** Variant as in a file. */
export interface VariantValue extends Fields {
  readonly path: 'rpc' | 'event';
  readonly policies: readonly Fields[];
  readonly changes?: readonly (Fields & { readonly atMs: number })[];
}

const { seed: _seed, policies: _policies, paused: _paused, ...consumer } = ConsumerConfig.properties;

/** Parts of a variant of path event that have options besides policies. */
const eventSchemas: Readonly<Record<string, Schema>> = {
  consumer: { properties: consumer as Schema['properties'] & object },
  stream: StreamConfig as Schema,
};

/** Names of policies, outermost first. */
export const policyNames: readonly string[] = Object.keys(policies);

/** Options of a policy or budget when a page adds it: those of experiment 05. */
const added: Readonly<Record<string, Fields>> = {
  retry: { maxRetries: 2, backoff: { kind: 'constant', delayMs: 5 } },
  'retry.budget': { kind: 'finagle', ratio: 0.1, minPerSecond: 0 },
  breaker: { window: { kind: 'count', size: 20 }, failureRatio: 0.5, openMs: 1000 },
  bulkhead: { concurrency: 40 },
  timeout: { ms: 250 },
  deadline: {},
};

/** Short names of options, for addresses. */
const shortNames = new Map([
  ['retry', 'retry.maxRetries'],
  ['budget', 'retry.budget.ratio'],
  ['breaker', 'breaker.openMs'],
  ['bulkhead', 'bulkhead.concurrency'],
  ['queue', 'bulkhead.queue'],
  ['timeout', 'timeout.ms'],
  ['deadline', 'deadline.ms'],
  ['consumer', 'consumer.concurrency'],
  ['stream', 'stream.maxPending'],
]);

/** Returns the path that a name in an address stands for, and the name for a path. */
export const pathOf = (name: string): string => shortNames.get(name) ?? name;
export const shortNameOf = (path: string): string =>
  [...shortNames].find(([, long]) => long === path)?.[0] ?? path;

/** True for an option that can't change later: the stream is made before the load. */
export const isFromStart = (path: string): boolean => path.startsWith('stream.');

/** Returns the options of a variant: of each policy that it has, and on the path event of consumer and stream. */
export const optionsOf = (variant: VariantValue): Option[] =>
  [...policyNames, ...Object.keys(eventSchemas)].flatMap((name) => {
    const value = valueAt(variant, wayTo(variant, name));
    const schema = name in policies ? policies[name as keyof typeof policies].schema : eventSchemas[name];
    const isThere = name in policies ? value !== undefined : variant.path === 'event';
    return isThere ? optionsIn(schema as Schema, value, name) : [];
  });

/** Returns the way to the options of a policy, consumer or stream. Of several policies of a name, the outermost counts. */
const wayTo = ({ policies }: VariantValue, name: string): string[] =>
  policyNames.includes(name)
    ? ['policies', String(policies.findIndex((each) => name in each)), name]
    : [name];

const valueAt = (of: unknown, way: readonly string[]): unknown =>
  way.reduce((inner, name) => (inner as Fields | undefined)?.[name], of);

/** Sets a value. Another kind has other fields, so that those of the old kind go. */
function setAt(of: unknown, [name, ...inner]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value;
  if (Array.isArray(of)) return of.with(Number(name), setAt(of[Number(name)], inner, value));
  const own = isRecord(of) ? of : {};
  if (name === 'kind' && own.kind !== value) return { kind: value };
  return { ...own, [name]: setAt(own[name], inner, value) };
}

function optionsIn(schema: Schema, value: unknown, path: string): Option[] {
  const own = isRecord(value) ? value : {};
  return Object.entries(fieldsOf(schema, value)).flatMap(([name, field]) => {
    const at = `${path}.${name}`;
    if (name === 'class') return [];
    if (field.properties || field.oneOf)
      return own[name] === undefined && field.default === undefined ? [] : optionsIn(field, own[name], at);
    const { type, description = '', minimum, exclusiveMinimum: above, maximum: most } = field;
    return [
      {
        ...{ path: at, description, most },
        value: own[name] ?? field.default,
        // Nearest sensible number above an exclusive bound.
        least: minimum ?? (above === undefined ? undefined : above + Math.min(1, most ?? 1) / 1000),
        isWhole: type === 'integer',
        choices: type === 'boolean' ? ['true', 'false'] : field.enum,
      },
    ];
  });
}

/** Returns the fields of an object. Of several kinds, those of the value's kind. */
function fieldsOf(schema: Schema, value: unknown): Readonly<Record<string, Schema>> {
  if (!schema.oneOf) return schema.properties ?? {};
  const kinds = schema.oneOf.map((member) => member.properties?.kind?.const ?? '');
  const kind = String(valueAt(value, ['kind']) ?? valueAt(schema.default, ['kind']) ?? kinds[0]);
  const member = schema.oneOf[Math.max(0, kinds.indexOf(kind))];
  const { description = '' } = schema;
  return { ...member?.properties, kind: { enum: kinds, default: kind, description } };
}

type Changed = { readonly variant: VariantValue; readonly note?: string } | { readonly unknown: string };

/** Changes an option, or adds or removes a policy or budget. Takes the nearest valid value, with a note. */
export function withOption(variant: VariantValue, path: string, asked: number | string | boolean): Changed {
  const [name = '', inner] = path.split('.');
  const isBudget = inner === 'budget' && (path === 'retry.budget' || asked === 'on' || asked === 'off');
  if (asked === 'off' && (isBudget || policyNames.includes(name)))
    return { variant: without(variant, isBudget ? 'retry.budget' : name) };
  const base = withPart(variant, name, inner);
  const known = optionsOf(base);
  const option = known.find((each) => each.path === path);
  if (asked === 'on' && policyNames.includes(name)) return { variant: base };
  if (!option) {
    const own = known.map((each) => each.path).filter((each) => each.startsWith(`${name}.`));
    const names = own.length > 0 ? own : [...shortNames.keys(), ...addressNames];
    return { unknown: `unknown option, ${nearestOrAll(shortNameOf(path), names)}` };
  }
  const { value, note } = nearestValue(option, asked);
  const changed = setAt(base, [...wayTo(base, name), ...path.split('.').slice(1)], value);
  return { variant: changed as VariantValue, ...(note !== undefined && { note }) };
}

function nearestValue(option: Option, asked: number | string | boolean): { value: unknown; note?: string } {
  const { choices, least = -Infinity, most = Infinity, isWhole, value } = option;
  if (choices) {
    const chosen = choices.find((each) => each === String(asked));
    if (chosen !== undefined) return { value: choices.includes('true') ? chosen === 'true' : chosen };
    return { value, note: `expected one of ${choices.join(', ')}` };
  }
  const number = asked === '' || typeof asked === 'boolean' ? Number.NaN : Number(asked);
  if (Number.isNaN(number)) return { value, note: `expected a number, ${value ?? 'none'} instead` };
  const inRange = Math.min(most, Math.max(least, number));
  const near = isWhole ? Math.round(inRange) : inRange;
  return near === number ? { value: near } : { value: near, note: `${near} instead` };
}

/** Returns the variant with a policy or budget that an option needs. */
function withPart(variant: VariantValue, name: string, inner: string | undefined): VariantValue {
  if (!policyNames.includes(name)) return variant;
  let whole = variant;
  if (!variant.policies.some((each) => name in each)) {
    const before = policyNames.slice(0, policyNames.indexOf(name));
    const at = variant.policies.findLastIndex((each) => before.includes(Object.keys(each)[0]!)) + 1;
    whole = { ...variant, policies: variant.policies.toSpliced(at, 0, { [name]: added[name]! }) };
  }
  const way = [...wayTo(whole, name), 'budget'];
  if (inner !== 'budget' || isRecord(valueAt(whole, way))) return whole;
  return setAt(whole, way, added['retry.budget']) as VariantValue;
}

function without(variant: VariantValue, path: string): VariantValue {
  const way = wayTo(variant, 'retry');
  const { budget: _, ...retry } = (valueAt(variant, way) ?? {}) as Fields;
  if (path !== 'retry.budget')
    return { ...variant, policies: variant.policies.filter((each) => !(path in each)) };
  return valueAt(variant, way) ? (setAt(variant, way, retry) as VariantValue) : variant;
}
