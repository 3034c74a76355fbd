import type { Static, TObject, TSchema } from 'typebox';
import { ConsumerConfig } from '#consumer/config.ts';
import { DownstreamConfig } from '#downstream/config.ts';
import { GatewayConfig } from '#gateway/config.ts';
import { Classes } from '#kit/http/request.ts';
import { depending, mapOf, Seed, strict, tagged } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { sieve, type ValidParts as ValidPartsOf } from '#kit/schema/valid-parts.ts';
import { faultOptions } from '#lab/faults/kinds.ts';
import { BrokerOptions } from '#lab/topology/broker-options.ts';
import { Replicas } from '#lab/topology/replicas.ts';
import { Load } from '#load/phases.ts';
import { StreamConfig } from '#publisher/config.ts';
import { repeatMax } from './limits.ts';
import { Predicted } from './predicted.ts';
import { Capacity, msMax, Recovery, SlowMotion, Tolerance, Validity, Warmup } from './rules.ts';

/** Returns the fields of a service's configuration that an experiment sets; the lab sets the rest. */
function without<P extends Record<string, TSchema>, K extends keyof P & string>(
  { properties }: TObject<P>,
  ...names: readonly K[]
): Omit<P, K> {
  return Object.fromEntries(
    Object.entries(properties).filter(([name]) => !names.some((each) => each === name)),
  ) as Omit<P, K>;
}

const usual = {
  description: Type.String({ default: '', maxLength: 500, description: 'One line for the reader.' }),
  callers: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 16_384,
      description:
        'Closed loop: so many callers, each of which sends its next request after the answer to the last one. Latency counts from sending. Without this field requests are sent at their scheduled times.',
    }),
  ),
};
const { policies, clients, httpClient } = without(GatewayConfig, 'seed');
const downstream = without(DownstreamConfig, 'seed');
const ownDownstream = Type.Optional(
  strict(downstream, {
    description: "The dependency of this variant alone, in the place of the experiment's.",
  }),
);

const Variant = tagged(
  'path',
  {
    rpc: strict({
      ...usual,
      downstream: ownDownstream,
      policies,
      httpClient,
      clients,
      predicted: Type.Optional(Predicted),
    }),
    event: strict({
      ...usual,
      downstream: ownDownstream,
      consumer: strict(without(ConsumerConfig, 'seed', 'policies', 'httpClient', 'paused'), { default: {} }),
      stream: StreamConfig,
      broker: BrokerOptions,
      policies,
      httpClient,
      predicted: Type.Optional(Predicted),
    }),
  },
  { description: 'A path, rpc or event, and its policies.' },
);

const Fault = depending(
  {
    name: Type.String({ maxLength: 40, description: 'For reports.' }),
    atMs: Type.Number({ minimum: 0, maximum: 86_400_000, description: 'After the first scheduled time.' }),
    forMs: Type.Number({
      exclusiveMinimum: 0,
      maximum: 86_400_000,
      description: 'Duration; then the fault is cleared.',
    }),
  },
  'target',
  'fault',
  faultOptions,
  { description: 'A fault that the lab injects and clears, in every variant.' },
);

const Redrive = strict(
  {
    atMs: Type.Number({ minimum: 0, maximum: 86_400_000, description: 'After the first scheduled time.' }),
    ratePerSecond: Type.Number({
      default: 100,
      exclusiveMinimum: 0,
      maximum: 100_000,
      description: 'Dead letters, at most.',
    }),
    reasons: Type.Optional(
      Type.Array(Type.String({ minLength: 1, maxLength: 40 }), {
        minItems: 1,
        maxItems: 20,
        description:
          "Only those given up for one of these reasons: failed, timeout, rejected, expired or max-deliveries, or those of a consumer that is not Spillway's.",
      }),
    ),
  },
  {
    description:
      'Sends the dead letters present at that time to the work stream again, in every variant of path event.',
  },
);

/** The experiment file. */
export const Experiment = strict(
  {
    title: Type.String({ minLength: 1, maxLength: 200, description: 'One line; line breaks become spaces.' }),
    description: Type.String({
      default: '',
      maxLength: 10_000,
      description: 'Purpose, in a few lines for newcomers.',
    }),
    seed: Seed('Determines arrivals, draws and jitter.'),
    repeat: Type.Integer({
      default: 1,
      minimum: 1,
      maximum: repeatMax,
      description: 'Rounds with fresh processes, each with the next seed; figures then have intervals.',
    }),
    deadlineMs: Type.Number({
      exclusiveMinimum: 0,
      maximum: msMax,
      description:
        'From the scheduled time to the reported completion; a later result is worthless to the caller.',
    }),
    slowMotion: SlowMotion,
    load: Load,
    capacity: Type.Optional(Capacity),
    classes: Classes,
    downstream: strict(downstream, { default: {} }),
    replicas: Replicas,
    variants: mapOf(Variant, {
      description: 'By name; all run with the same load and the same draws.',
    }),
    faults: Type.Array(Fault, { default: [], maxItems: 100 }),
    redrives: Type.Array(Redrive, { default: [], maxItems: 20 }),
    steadyState: Type.Array(Type.String({ maxLength: 200 }), {
      default: [],
      maxItems: 20,
      description:
        'Conditions that must hold in every variant before the first fault, e.g. goodput > 95%. If one fails, no fault is injected and the run is invalid.',
    }),
    hypothesis: Type.Array(Type.String({ maxLength: 200 }), {
      default: [],
      maxItems: 100,
      description: 'What must hold, e.g. goodput(events, 1s) > 0.9 * goodput(guarded, 1s).',
    }),
    recovery: Recovery,
    tolerance: Tolerance,
    validity: Validity,
    warmup: Warmup,
    connections: Type.Integer({
      default: 2048,
      minimum: 1,
      maximum: 16_384,
      description: 'Most requests that the generator has in flight at once, per replica that it calls.',
    }),
    drainMs: Type.Number({
      default: 10_000,
      minimum: 0,
      maximum: msMax,
      description: 'Longest wait for answers and effects after the last scheduled time.',
    }),
  },
  { title: 'A Spillway experiment' },
);
export type Experiment = Static<typeof Experiment>;
export type Variant = Experiment['variants'][string];
export type Fault = Experiment['faults'][number];

/** Returns the seeds of an experiment's rounds: its own and those that follow it. */
export const seedsOf = ({ seed = 1, repeat = 1 }: Partial<Pick<Experiment, 'seed' | 'repeat'>>): number[] =>
  Array.from({ length: repeat }, (_, round) => seed + round);

/** Experiment without the parts that its schema refuses. */
export type ValidParts = ValidPartsOf<Experiment>;

/** Separates the valid parts of an experiment from the problems of the others. */
export const validPartsOf = sieve(Experiment, ['variants']);
