import type { Static } from 'typebox';
import { buckets } from '#kit/metrics.ts';
import type { ValidParts } from '#kit/schema/parser.ts';
import { type Problem, within } from '#kit/schema/problems.ts';
import { choice, flag, integer, number, Seed, strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { outcomes, paths } from '#kit/wire.ts';
import { Accepts, acceptsProblems } from './accepts/config.ts';
import { buildModel, kindOf, ModelOptions, type ModelOutcome } from './models.ts';
import { timesProblems } from './times.ts';

export const DownstreamConfig = strict({
  seed: Seed('Determines the draws of every attempt.'),
  model: {
    ...ModelOptions,
    default: { kind: 'congestion' },
    description: 'Time that work takes, and how often it fails.',
  } as typeof ModelOptions,
  idempotent: flag(
    { default: true },
    'True if downstream detects a second effect of a request, and does not commit it.',
  ),
  deadlines: choice(
    { of: ['ignore', 'stop', 'refuse'], default: 'ignore' },
    'Handling of work that takes longer than its caller will wait (`x-timeout-ms`). `ignore` continues it, `stop` stops it when the wait ends, `refuse` refuses it at once.',
  ),
  abandonOnAbort: flag(
    { default: false },
    'True if work stops when its caller disconnects. In most real systems the work continues.',
  ),
  accepts: Type.Optional({
    ...Accepts,
    description:
      'Form of the calls of your own service. Downstream accepts them as well as its usual `POST /work`, whose body holds the id. Simulations ignore this field.',
  }),
});
export type DownstreamConfig = Static<typeof DownstreamConfig>;

export const contradictions = (config: ValidParts<DownstreamConfig>): Problem[] => [
  ...queueProblems(config),
  ...(config.model?.times ? within('/model/times', timesProblems(config.model.times)) : []),
  ...(config.accepts ? within('/accepts', acceptsProblems(config.accepts)) : []),
];

/** Reports options that contradict the model `queue`, in which queued work can't be cancelled. */
function queueProblems({
  model,
  deadlines = 'ignore',
  abandonOnAbort = false,
}: ValidParts<DownstreamConfig>): Problem[] {
  if (model?.kind !== 'queue') return [];
  const expected = (value: string, got: unknown) =>
    `expected ${value} with the model queue, which completes all accepted work, got ${got}`;
  return [
    ...(deadlines === 'ignore' ? [] : [{ pointer: '/deadlines', message: expected('ignore', deadlines) }]),
    ...(abandonOnAbort ? [{ pointer: '/abandonOnAbort', message: expected('false', abandonOnAbort) }] : []),
  ];
}

/** Draws of the median. The angle of a lognormal time has another one. */
const middle = (purpose: string): number => (purpose === 'angle' ? 0.25 : 0.5);

/** Returns the median latency in ms of an attempt that is alone at downstream. */
export const healthyMs = (downstream: Pick<DownstreamConfig, 'model'>): number => latencyMsAt(downstream, 1);

export const kneeInFlight = ({ model }: Pick<DownstreamConfig, 'model'>): number | null =>
  kindOf(model).knee?.(model) ?? null;

/** Returns the outcome of an attempt with so many in flight, for given draws and without a queue before it. */
export const outcomeAt = (
  { model }: Pick<DownstreamConfig, 'model'>,
  inFlight: number,
  draw: (purpose: string) => number,
): ModelOutcome => buildModel(model, { now: () => 0 })(inFlight, draw);

/** Returns the latency of the next attempt with so many in flight, for the middle draw and without a queue before it. */
export const latencyMsAt = (downstream: Pick<DownstreamConfig, 'model'>, inFlight: number): number =>
  outcomeAt(downstream, inFlight, middle).latencyMs;

export const among = ({ model }: Pick<DownstreamConfig, 'model'>, inFlight: number) =>
  kindOf(model).among(model, inFlight);

export const accepted = ({ model }: Pick<DownstreamConfig, 'model'>) =>
  kindOf(model).accepted?.(model) ?? { perSecond: Infinity, burst: 0 };

const text = (maxLength: number) => Type.String({ maxLength });
const count = integer({ from: 0, to: 1e9 });

/** Status of a run, which the lab sends to downstream for dashboards. */
export const RunStatus = strict({
  leaseMs: number({ above: 0, to: 60_000 }, 'Time without an update after which the run counts as over.'),
  variant: text(255),
  path: Type.Enum(paths),
  phase: Type.Optional(text(64)),
  deadlineMs: number({ above: 0, to: 3_600_000 }),
  faults: Type.Array(strict({ name: text(40), target: text(40), kind: text(40) }), {
    maxItems: 100,
    description: 'Active faults.',
  }),
  offered: count,
  ended: Type.Partial(strict(Object.fromEntries(outcomes.map((outcome) => [outcome, count]))), {
    additionalProperties: false,
    description: 'Requests that have ended, by outcome; like `offered`, since the variant began.',
  }),
  latencies: Type.Optional(
    strict({
      counts: Type.Array(count, { minItems: buckets.length, maxItems: buckets.length }),
      sum: Type.Number({ minimum: 0 }),
      count,
    }),
  ),
});
export type RunStatus = Static<typeof RunStatus>;
