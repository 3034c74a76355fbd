import { ConsumerConfig } from '#consumer/config.ts';
import { type Schema, view } from '#kit/schema/json-schema.ts';
import { nearestOrAll } from '#kit/schema/nearest.ts';
import { segmentsOf } from '#kit/schema/problems.ts';
import { isRecord } from '#kit/schema/schema.ts';
import { withChanges } from '#lab/experiment/field.ts';
import { policies } from '#policies/pipeline.ts';
import { StreamConfig } from '#publisher/config.ts';
import { addressNames } from './setting.ts';

/** Option of a variant that a page can change. */
export interface Option {
  /** Such as `retry.budget.ratio`. */
  readonly path: string;
  /** Such as `budget`; undefined for an option that chips show only if it differs. */
  readonly short: string | undefined;
  readonly description: string;
  /** Undefined if it is not set and has no default. */
  readonly value: unknown;
  readonly least?: number | undefined;
  readonly most?: number | undefined;
  readonly isWhole: boolean;
  readonly isText: boolean;
  readonly choices?: readonly unknown[] | undefined;
}

/** Says why what was asked is ignored, or what replaces it. */
export type Note = (message: string) => void;

export type Fields = Readonly<Record<string, unknown>>;

export interface VariantValue extends Fields {
  readonly path: 'rpc' | 'event';
  readonly policies: readonly Fields[];
  readonly changes?: readonly (Fields & { readonly atMs: number })[];
}

/** Names of policies, outermost first. */
export const policyNames: readonly string[] = Object.keys(policies);

const { seed: _seed, policies: _policies, paused: _paused, ...consumer } = ConsumerConfig.properties;

/** Parts of a variant that have options: policies, and on the path event the consumer and the stream. */
const parts: Readonly<Record<string, Schema>> = {
  ...Object.fromEntries(Object.entries(policies).map(([name, { schema }]) => [name, view(schema)])),
  consumer: view({ properties: consumer }),
  stream: view(StreamConfig),
};

/** Options of a policy or budget when a page adds it: those of experiment 05. */
const added: Readonly<Record<string, Fields>> = {
  retry: { maxRetries: 2, backoff: { kind: 'constant', delayMs: 5 } },
  'retry.budget': { kind: 'finagle', ratio: 0.1, minPerSecond: 0 },
  breaker: { window: { kind: 'count', size: 20 }, failureRatio: 0.5, openMs: 1000 },
  bulkhead: { concurrency: 40 },
  timeout: { ms: 250 },
  deadline: {},
};
export const addable: readonly string[] = Object.keys(added);

/** Short names of the options that chips show, for chips and addresses. The first one of a part has its name. */
const shortNames: Readonly<Record<string, string>> = {
  retry: 'retry.maxRetries',
  wait: 'retry.backoff.delayMs',
  backoff: 'retry.backoff.baseMs',
  budget: 'retry.budget.ratio',
  breaker: 'breaker.openMs',
  jitter: 'breaker.openJitter',
  bulkhead: 'bulkhead.concurrency',
  queue: 'bulkhead.queue',
  timeout: 'timeout.ms',
  deadline: 'deadline.ms',
  consumer: 'consumer.concurrency',
  redeliver: 'consumer.redelivery.maxRetries',
  stream: 'stream.maxPending',
};

/** Returns the path that a name in an address stands for: `timeout.ms` for `timeout`, `timeout2.ms` for `timeout2`. */
export function pathOf(name: string): string {
  const short = withoutNumber(name);
  if (!Object.hasOwn(shortNames, short)) return name;
  return shortNames[short]!.replace('.', `${name.slice(short.length)}.`);
}

export function shortNameOf(path: string): string {
  const [, number = ''] = /^\D+(\d+)\./.exec(path) ?? [];
  const names = Object.keys(shortNames).map((name) => name + number);
  return names.find((name) => pathOf(name) === path) ?? path;
}

const withoutNumber = (part: string): string => part.replace(/\d+$/, '');

/** Returns the options of a variant: of its policies, outermost first, and on the path event of consumer and stream. */
export function optionsOf(variant: VariantValue): Option[] {
  const others = variant.path === 'event' ? ['consumer', 'stream'] : [];
  return [...partsOf(variant), ...others].flatMap((part) =>
    optionsIn(parts[withoutNumber(part)]!, inVariant(variant, part), part),
  );
}

/** Returns the names of a variant's policies. A second one of a name has a number, such as `timeout2`. */
const partsOf = ({ policies }: VariantValue): string[] =>
  policies.map((policy, index) => {
    const name = Object.keys(policy)[0]!;
    const number = policies.slice(0, index + 1).filter((each) => name in each).length;
    return number > 1 ? name + number : name;
  });

function pointerTo(variant: VariantValue, path: string): string {
  const [part = '', ...inner] = path.split('.');
  const index = partsOf(variant).indexOf(part);
  return [index < 0 ? '' : `/policies/${index}`, withoutNumber(part), ...inner].join('/');
}

const inVariant = (variant: VariantValue, path: string): unknown =>
  segmentsOf(pointerTo(variant, path)).reduce<unknown>((inner, name) => (inner as Fields)?.[name], variant);

const withValue = (variant: VariantValue, path: string, value: unknown): VariantValue =>
  withChanges(variant, new Map([[pointerTo(variant, path), value]])) as VariantValue;

function optionsIn(schema: Schema, value: unknown, path: string): Option[] {
  const own = isRecord(value) ? value : {};
  return Object.entries(fieldsOf(schema, own.kind)).flatMap(([name, field]) => {
    const at = `${path}.${name}`;
    if (field.properties || field.oneOf)
      return own[name] === undefined && field.default === undefined ? [] : optionsIn(field, own[name], at);
    const { type, description = '', minimum, exclusiveMinimum: above, maximum: most } = field;
    const short = type === 'string' ? name : shortNameOf(at);
    return [
      {
        ...{ path: at, short: short === at ? undefined : short, description, most },
        value: own[name] ?? field.default,
        // Nearest sensible number above an exclusive bound.
        least: minimum ?? (above === undefined ? undefined : above + Math.min(1, most ?? 1) / 1000),
        ...{ isWhole: type === 'integer', isText: type === 'string' },
        choices: type === 'boolean' ? [true, false] : field.enum,
      },
    ];
  });
}

/** Returns the fields of an object. Of several kinds, those of a kind, or else of the default one. */
function fieldsOf({ properties = {}, oneOf, default: usual, description = '' }: Schema, kind: unknown) {
  if (!oneOf) return properties;
  const kinds = oneOf.map((member) => member.properties?.kind?.const);
  const chosen = kind ?? (usual as Fields | undefined)?.kind ?? kinds[0];
  const member = oneOf[Math.max(0, kinds.indexOf(chosen))];
  return { ...member?.properties, kind: { enum: kinds, default: chosen, description } };
}

/** Changes an option, or adds or removes a policy or budget. Takes the nearest valid value, with a note. */
export function withOption(
  variant: VariantValue,
  path: string,
  asked: number | string,
  note: Note,
): VariantValue {
  const around = addable.filter((part) => `${path}.`.startsWith(`${part}.`));
  const part = around.at(-1);
  if (asked === 'off' && part !== undefined) return without(variant, part);
  const base = around.reduce(withPart, variant);
  if (asked === 'on' && part !== undefined) return base;
  const known = optionsOf(base);
  const option = known.find((each) => each.path === path);
  if (!option) {
    const own = known.map((each) => each.path).filter((each) => each.startsWith(`${path.split('.')[0]}.`));
    const names = own.length > 0 ? own : [...Object.keys(shortNames), ...addressNames];
    note(`unknown option, ${nearestOrAll(shortNameOf(path), names)}`);
    return variant;
  }
  const value = nearestValue(option, asked, note);
  // Another kind has other fields, so that those of the old kind go.
  const isKind = path.endsWith('.kind') && value !== option.value;
  const [at, set] = isKind ? [path.slice(0, -'.kind'.length), { kind: value }] : [path, value];
  return withValue(base, at, set);
}

function nearestValue(option: Option, asked: number | string, note: Note): unknown {
  const { choices, value } = option;
  if (option.isText) return String(asked);
  if (!choices) return nearestNumber(asked, option, value, note);
  const chosen = choices.find((each) => String(each) === String(asked));
  if (chosen === undefined) note(`expected one of ${choices.join(', ')}`);
  return chosen ?? value;
}

/** Returns the nearest number within bounds, or `instead` for what is no number. A number that differs from `asked` has a note. */
export function nearestNumber<T>(
  asked: number | string,
  { least = -Infinity, most = Infinity, isWhole = false }: Partial<Option>,
  instead: T,
  note: Note,
): number | T {
  const number = String(asked).trim() === '' ? Number.NaN : Number(asked);
  const inRange = Math.min(most, Math.max(least, number));
  const near = isWhole ? Math.round(inRange) : inRange;
  if (Number.isNaN(number)) note(`expected a number, ${instead ?? 'none'} instead`);
  else if (near !== number) note(`${near} instead`);
  return Number.isNaN(number) ? instead : near;
}

function withPart(variant: VariantValue, part: string): VariantValue {
  if (inVariant(variant, part) !== undefined) return variant;
  if (!policyNames.includes(part)) return withValue(variant, part, added[part]);
  const before = policyNames.slice(0, policyNames.indexOf(part));
  const at = variant.policies.findLastIndex((each) => before.includes(Object.keys(each)[0]!)) + 1;
  return { ...variant, policies: variant.policies.toSpliced(at, 0, { [part]: added[part]! }) };
}

function without(variant: VariantValue, part: string): VariantValue {
  if (policyNames.includes(part))
    return { ...variant, policies: variant.policies.filter((each) => !(part in each)) };
  return inVariant(variant, part) === undefined ? variant : withValue(variant, part, undefined);
}
