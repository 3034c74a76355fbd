import { ConsumerConfig } from '#consumer/config.ts';
import { nearestOrAll } from '#kit/schema/nearest.ts';
import { isRecord } from '#kit/schema/schema.ts';
import { policies } from '#policies/pipeline.ts';
import { StreamConfig } from '#publisher/config.ts';

/** An option of a variant that a page can change. */
export interface Option {
  /** Such as `retry.budget.ratio`. */
  readonly path: string;
  readonly description: string;
  /** Undefined if it is not set and has no default. */
  readonly value: unknown;
  readonly least?: number;
  readonly most?: number;
  readonly isWhole: boolean;
  readonly choices?: readonly string[];
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

type Value = Readonly<Record<string, unknown>>;

/** Variant as in a file. */
export interface VariantValue extends Value {
  readonly path: 'rpc' | 'event';
  readonly policies: readonly Value[];
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
const added: Readonly<Record<string, Value>> = {
  retry: { maxRetries: 2, backoff: { kind: 'constant', delayMs: 5 } },
  'retry.budget': { kind: 'finagle', ratio: 0.1, minPerSecond: 0 },
  breaker: { window: { kind: 'count', size: 20 }, failureRatio: 0.5, openMs: 1000 },
  bulkhead: { concurrency: 40 },
  timeout: { ms: 250 },
  deadline: {},
};

/** Short names of options, for addresses. */
const shortNames: Readonly<Record<string, string>> = {
  retry: 'retry.maxRetries',
  budget: 'retry.budget.ratio',
  breaker: 'breaker.openMs',
  bulkhead: 'bulkhead.concurrency',
  queue: 'bulkhead.queue',
  timeout: 'timeout.ms',
  deadline: 'deadline.ms',
  consumer: 'consumer.concurrency',
  stream: 'stream.maxPending',
};

/** Returns the path that a name in an address stands for, and the name for a path. */
export const pathOf = (name: string): string => shortNames[name] ?? name;
export const shortNameOf = (path: string): string =>
  Object.entries(shortNames).find(([, long]) => long === path)?.[0] ?? path;

/** Returns the options of a variant: of each policy that it has, and on the path event of consumer and stream. */
export function optionsOf(variant: VariantValue): Option[] {
  const events = variant.path === 'event' ? Object.entries(eventSchemas) : [];
  return [
    ...Object.entries(policies)
      .filter(([name]) => has(variant, name))
      .flatMap(([name, { schema }]) => optionsIn(schema as Schema, policyIn(variant, name), name)),
    ...events.flatMap(([name, schema]) => optionsIn(schema, variant[name], name)),
  ];
}

/** Returns the fields of an object. Of several kinds, those of the value's kind. */
function fieldsOf(schema: Schema, value: unknown): Readonly<Record<string, Schema>> {
  if (!schema.oneOf) return schema.properties ?? {};
  const kinds = schema.oneOf.map((member) => member.properties?.kind?.const ?? '');
  const kind = kindIn(value) ?? kindIn(schema.default) ?? kinds[0];
  const member = schema.oneOf[Math.max(0, kinds.indexOf(String(kind)))];
  return {
    ...member?.properties,
    kind: { enum: kinds, default: kind, description: schema.description ?? '' },
  };
}

const kindIn = (value: unknown): unknown => (isRecord(value) ? value.kind : undefined);

function optionsIn(schema: Schema, value: unknown, path: string): Option[] {
  const own = isRecord(value) ? value : {};
  return Object.entries(fieldsOf(schema, value)).flatMap(([name, field]) => {
    const at = `${path}.${name}`;
    if (name === 'class') return [];
    if (field.properties || field.oneOf)
      return own[name] === undefined && field.default === undefined ? [] : optionsIn(field, own[name], at);
    return [optionAt(at, field, own[name])];
  });
}

function optionAt(path: string, field: Schema, value: unknown): Option {
  const { description = '', default: fallback, minimum, exclusiveMinimum: above, maximum } = field;
  // Nearest sensible number above an exclusive bound.
  const least = minimum ?? (above === undefined ? undefined : above + Math.min(1, maximum ?? 1) / 1000);
  return {
    path,
    description,
    value: value ?? fallback,
    isWhole: field.type === 'integer',
    ...(least !== undefined && { least }),
    ...(maximum !== undefined && { most: maximum }),
    ...(field.enum && { choices: field.enum }),
    ...(field.type === 'boolean' && { choices: ['true', 'false'] }),
  };
}

type Changed = { readonly variant: VariantValue; readonly note?: string } | { readonly unknown: string };

/** Changes an option, or adds or removes a policy or budget. Takes the nearest valid value, with a note. */
export function withOption(variant: VariantValue, path: string, asked: number | string | boolean): Changed {
  const names = path.split('.');
  const whole =
    path === 'retry.budget.ratio' && (asked === 'on' || asked === 'off') ? 'retry.budget' : names[0]!;
  if (asked === 'off') return { variant: without(variant, whole) };
  const base = withPart(variant, path === 'retry.budget' ? path : names.slice(0, 2).join('.'));
  const known = base ? optionsOf(base) : [];
  const option = known.find((each) => each.path === path);
  if (base && asked === 'on') return { variant: base };
  if (!base || !option) {
    const parts = new Set([...policyNames, ...Object.keys(shortNames)]);
    const paths = base ? known.map((each) => each.path) : [...parts];
    return { unknown: `${path}, ${nearestOrAll(path, paths)}` };
  }
  const { value, note } = nearestValue(option, asked);
  return { variant: set(base, names, value), ...(note !== undefined && { note }) };
}

function nearestValue(option: Option, asked: number | string | boolean): { value: unknown; note?: string } {
  const { path, choices, least = -Infinity, most = Infinity, isWhole, value } = option;
  if (choices) {
    const chosen = choices.find((each) => each === String(asked));
    if (chosen !== undefined)
      return { value: chosen === 'true' || chosen === 'false' ? chosen === 'true' : chosen };
    return { value, note: `${path}: expected one of ${choices.join(', ')}, got ${asked}` };
  }
  const number = Number(asked);
  if (asked === '' || typeof asked === 'boolean' || Number.isNaN(number))
    return { value, note: `${path}: expected a number, got ${asked}` };
  const inRange = Math.min(most, Math.max(least, number));
  const near = isWhole ? Math.round(inRange) : inRange;
  return near === number ? { value: near } : { value: near, note: `${path}: ${near} instead of ${asked}` };
}

/** Returns the variant with a policy or budget that a path needs. Undefined if there is no such part. */
function withPart(variant: VariantValue, path: string): VariantValue | undefined {
  const [name = '', inner] = path.split('.');
  if (variant.path === 'event' && Object.hasOwn(eventSchemas, name)) return variant;
  if (!policyNames.includes(name)) return undefined;
  let whole = variant;
  if (!has(whole, name)) {
    const before = policyNames.slice(0, policyNames.indexOf(name));
    const at = whole.policies.findLastIndex((each) => before.includes(Object.keys(each)[0]!)) + 1;
    whole = { ...whole, policies: whole.policies.toSpliced(at, 0, { [name]: added[name]! }) };
  }
  const needsBudget = inner === 'budget' && !isRecord(policyIn(whole, name).budget);
  return needsBudget ? set(whole, [name, 'budget'], added['retry.budget']) : whole;
}

const has = (variant: VariantValue, name: string): boolean => variant.policies.some((each) => name in each);

/** Returns the options of a policy. Of several policies of a name, the outermost counts. */
const policyIn = (variant: VariantValue, name: string): Value =>
  (variant.policies.find((each) => name in each)?.[name] ?? {}) as Value;

function without(variant: VariantValue, path: string): VariantValue {
  if (path === 'retry.budget') return replaced(variant, 'retry', ({ budget: _, ...retry }) => retry);
  return { ...variant, policies: variant.policies.filter((each) => !(path in each)) };
}

const replaced = (variant: VariantValue, name: string, change: (options: Value) => Value): VariantValue => {
  const at = variant.policies.findIndex((each) => name in each);
  if (at < 0) return variant;
  return { ...variant, policies: variant.policies.with(at, { [name]: change(policyIn(variant, name)) }) };
};

function set(variant: VariantValue, [name = '', ...inner]: readonly string[], value: unknown): VariantValue {
  if (policyNames.includes(name))
    return replaced(variant, name, (options) => setIn(options, inner, value) as Value);
  return { ...variant, [name]: setIn(variant[name], inner, value) };
}

/** Sets a field. Another kind has other fields, so that those of the old kind go. */
function setIn(of: unknown, [name, ...inner]: readonly string[], value: unknown): unknown {
  if (name === undefined) return value;
  const own = isRecord(of) ? of : {};
  if (name === 'kind' && own.kind !== value) return { kind: value };
  return { ...own, [name]: setIn(own[name], inner, value) };
}
