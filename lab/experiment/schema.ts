import type { Static, TProperties } from 'typebox';
import { ConsumerConfig } from '#consumer/config.ts';
import { DownstreamConfig } from '#downstream/config.ts';
import { GatewayConfig } from '#gateway/config.ts';
import { Classes } from '#kit/http/request.ts';
import { sieve, type ValidParts as ValidPartsOf } from '#kit/schema/parser.ts';
import { escapePointer } from '#kit/schema/problems.ts';
import { depending, documented, integer, mapOf, number, Seed, strict, tagged } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { BrokerOptions } from '#lab/kit/topology/broker-options.ts';
import { Replicas } from '#lab/kit/topology/replicas.ts';
import { Load } from '#load/phases.ts';
import { OwnRequest } from '#load/sending/own-request.ts';
import { StreamConfig } from '#publisher/config.ts';
import { faultOptions } from './faults/kinds.ts';
import { msMax, Recovery, repeatMax, SlowMotion, Validity, Warmup } from './rules.ts';
import { described } from './schema-helpers.ts';

// Fields of the services' configurations that an experiment can set. The lab sets the other fields.
const { policies, clients } = GatewayConfig.properties;
const { seed: _, ...downstream } = DownstreamConfig.properties;
const { seed, policies: _policies, paused, ...consumer } = ConsumerConfig.properties;

const common = {
  description: Type.String({ default: '', maxLength: 500, description: 'Line for the reader.' }),
  callers: integer(
    { from: 1, to: 16_384, optional: true },
    'Number of callers of a closed loop. Each sends its next request when its last one has ended, and latency counts from sending. Without this field requests are sent at their scheduled times.',
  ),
  downstream: Type.Optional(
    documented('Replaces `downstream` of the experiment for this variant.', downstream),
  ),
  request: Type.Optional(described(OwnRequest, 'Replaces `request` of the experiment for this variant.')),
  policies,
  client: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 200,
      description:
        'A module of yours that makes the calls, in the place of policies: `./client.ts`, in the folder of the file or below. Its default export is a function of `{ url, send }` that returns an async function of a request. Its code runs on this machine. Only with `--engine local`, and in a simulation if it calls by `send`.',
    }),
  ),
};

const command = Type.Optional(
  Type.Array(Type.String({ minLength: 1, maxLength: 1000 }), {
    minItems: 1,
    maxItems: 100,
    description:
      "Server of yours in the gateway's place, with its arguments, such as `[nginx, -c, '{{./nginx.conf}}']`. No shell is involved. `{{./nginx.conf}}` is the path of a copy of that file, in which `{{listen}}` is the address to listen on. A line with `{{dependency}}` is repeated for each replica of the dependency. Only with `--engine local`.",
  }),
);

const dayMs = 86_400_000;
const atMs = number({ from: 0, to: dayMs }, 'Time after the first scheduled time.');

/** Returns the schema of later options of a variant. Without a default, a field that is left out stays as it was. */
const changes = <P extends TProperties>(fields: P) =>
  Type.Optional(
    Type.Array(documented('Options from a time on. What is left out stays as it was.', { atMs, ...fields }), {
      maxItems: 20,
      description:
        'Options that the caller of downstream, gateway or consumer, gets during the load. Its policies then lose their state; calls in progress keep theirs.',
    }),
  );
const { default: _empty, ...pipeline } = policies as typeof policies & { readonly default: unknown };
const laterPolicies = Type.Optional(pipeline as typeof policies);

const Variant = tagged(
  'path',
  {
    rpc: strict({ ...common, command, clients, changes: changes({ policies: laterPolicies }) }),
    event: strict({
      ...common,
      changes: changes({ policies: laterPolicies, consumer: Type.Optional(strict(consumer)) }),
      consumer: strict(consumer, {
        default: {},
        description: 'Options by which the consumer takes events, and gives them up.',
      }),
      stream: StreamConfig,
      broker: BrokerOptions,
    }),
  },
  { description: 'A path, rpc or event, and its policies.' },
);

const Fault = depending(
  {
    name: Type.String({ maxLength: 40, description: 'Name in hypotheses and reports.' }),
    atMs,
    forMs: number({ above: 0, to: dayMs }, 'Duration of the fault, after which it is cleared.'),
  },
  'target',
  'fault',
  faultOptions,
  { description: 'A fault that the lab injects and clears, in every variant.' },
);

const Redrive = documented(
  'Sends the dead letters present at that time to the work stream again, in every variant of path event.',
  {
    atMs,
    ratePerSecond: number(
      { above: 0, to: 100_000, default: 100 },
      'Maximum number of dead letters sent per second.',
    ),
    reasons: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 40 }), {
        minItems: 1,
        maxItems: 20,
        description:
          'Only dead letters with one of these reasons: failed, timeout, rejected, expired, max-deliveries, or a reason that your own consumer gives.',
      }),
    ),
  },
);

const conditions = (maxItems: number, description: string) =>
  Type.Array(Type.String({ maxLength: 200 }), { default: [], maxItems, description });

export const Experiment = strict(
  {
    title: Type.String({
      minLength: 1,
      maxLength: 200,
      description: 'Title in one line; line breaks become spaces.',
    }),
    description: Type.String({
      default: '',
      maxLength: 10_000,
      description: 'Purpose, in a few lines for newcomers.',
    }),
    seed: Seed('Determines arrivals, draws and jitter.'),
    repeat: integer(
      { from: 1, to: repeatMax, default: 1 },
      'Number of rounds, each with fresh processes and the next seed. With several rounds, figures have intervals.',
    ),
    deadlineMs: number(
      { above: 0, to: msMax },
      'Longest time from the scheduled time to the reported completion. A later result is worthless to the caller.',
    ),
    slowMotion: SlowMotion,
    load: Load,
    classes: Classes,
    downstream: strict(downstream, { default: {}, description: 'The dependency.' }),
    replicas: Replicas,
    request: Type.Optional(
      described(
        OwnRequest,
        "Request for your own service in the place of Spillway's gateway or publisher. Simulations ignore it.",
      ),
    ),
    variants: mapOf(Variant, {
      description: 'Map of variants by name. All run with the same load and the same draws.',
    }),
    faults: Type.Array(Fault, {
      default: [],
      maxItems: 100,
      description: 'Faults, each with its time and duration.',
    }),
    redrives: Type.Array(Redrive, {
      default: [],
      maxItems: 20,
      description: 'Times at which dead letters are sent to the work stream again.',
    }),
    steadyState: conditions(
      20,
      'Conditions for the requests before the first fault, in every variant, e.g. goodput > 95%. If one fails, the variant is invalid.',
    ),
    hypothesis: conditions(
      100,
      'Conditions that must hold, e.g. goodput(events, 1s) > 0.9 * goodput(guarded, 1s).',
    ),
    recovery: Recovery,
    validity: Validity,
    warmup: Warmup,
    connections: integer(
      { from: 1, to: 16_384, default: 2048 },
      'Maximum number of requests in flight from the generator, per replica.',
    ),
    drainMs: number(
      { from: 0, to: msMax, default: 10_000 },
      'Longest wait for answers and effects after the last scheduled time.',
    ),
  },
  { title: 'A Spillway experiment' },
);
export type Experiment = Static<typeof Experiment>;
export type Variant = Experiment['variants'][string];
export type Fault = Experiment['faults'][number];

/** Returns the seeds of an experiment's rounds: the experiment's seed and the following ones. */
export const seedsOf = ({ seed = 1, repeat = 1 }: Partial<Pick<Experiment, 'seed' | 'repeat'>>): number[] =>
  Array.from({ length: repeat }, (_, round) => seed + round);

/** Experiment without what the schema refuses. Invalid variants and invalid entries of lists are undefined. */
export type ValidParts = Omit<ValidPartsOf<Experiment>, 'variants'> & {
  variants?: Record<string, Variant | undefined>;
};

export const validPartsOf = sieve(Experiment, ['variants']);

/** Returns the valid entries of a list or a map, with their pointers. */
export const validEntries = <T>(
  pointer: string,
  parts: readonly (T | undefined)[] | Readonly<Record<string, T | undefined>> = [],
): { pointer: string; value: T }[] =>
  Object.entries(parts).flatMap(([name, value]) =>
    value === undefined ? [] : [{ pointer: `${pointer}/${escapePointer(name)}`, value }],
  );
