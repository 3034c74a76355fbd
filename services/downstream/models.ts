import type { Static, TObject, TSchema } from 'typebox';
import type { Clock } from '#kit/clock.ts';
import { choice, integer, number, strict, taggedKinds } from '#kit/schema/schema.ts';

export interface ModelOutcome {
  readonly latencyMs: number;
  readonly failed: boolean;
}

/**
 * Function that decides how an attempt ends. It gets the number of attempts in flight, including this one, and the draw
 * for each purpose.
 */
export type Model = (inFlight: number, draw: (purpose: string) => number) => ModelOutcome;

const modelKind = <P extends Record<string, TSchema>>(
  description: string,
  fields: P,
  create: (options: Static<TObject<P>>, clock: Pick<Clock, 'now'>) => Model,
  knee: (options: Static<TObject<P>>) => number | null = () => null,
) => ({ options: strict(fields, { description }), create, knee });

/** Returns the knee of the model `congestion`, in attempts in flight. */
const kneeOfCongestion = ({ capacityRps }: { readonly capacityRps: number }): number => capacityRps / 10;

/** Longest duration of work, an hour, however high the overload is. */
const msMax = 3_600_000;

/**
 * Congestion collapse. With the load factor f = inFlight ÷ (capacityRps ÷ 10):
 *
 * latency = min(1 h, base + U·jitter + max(0, f − 1)·overloadLatency),
 * P(failure) = min(max, failureRatio + max(0, f − 1)·overloadFailureRatio).
 */
const congestion = modelKind(
  'Latency and failures grow with the requests in flight, until goodput approaches zero.',
  {
    capacityRps: number(
      { above: 0, to: 1_000_000, default: 250 },
      'The knee, in requests in flight, is a tenth of this number.',
    ),
    baseLatencyMs: number({ from: 0, to: msMax, default: 8 }, 'Shortest latency.'),
    jitterMs: number(
      { from: 0, to: msMax, default: 6 },
      'Longest random time added to the base latency. All times from 0 are equally likely.',
    ),
    failureRatio: number({ from: 0, to: 1, default: 0.05 }, 'Failure ratio below the knee.'),
    overloadLatencyMs: number(
      { from: 0, to: msMax, default: 50 },
      'Latency added above the knee, multiplied by in flight ÷ knee − 1.',
    ),
    overloadFailureRatio: number(
      { from: 0, to: 1000, default: 0.4 },
      'Failure ratio added above the knee, multiplied by in flight ÷ knee − 1.',
    ),
    failureRatioMax: number({ from: 0, to: 1, default: 0.95 }, 'Highest failure ratio at any load.'),
  },
  (options) => {
    const kneeInFlight = kneeOfCongestion(options);
    const failureRatioMax = Math.max(options.failureRatio, options.failureRatioMax);
    return (inFlight, draw) => {
      const overload = Math.max(0, inFlight / kneeInFlight - 1);
      const failureRatio = options.failureRatio + overload * options.overloadFailureRatio;
      const latencyMs =
        options.baseLatencyMs + draw('latency') * options.jitterMs + overload * options.overloadLatencyMs;
      return {
        latencyMs: Math.min(msMax, latencyMs),
        failed: draw('failure') < Math.min(failureRatioMax, failureRatio),
      };
    };
  },
  kneeOfCongestion,
);

const fixed = modelKind(
  'The same latency and failure ratio at any load: a healthy or an instant dependency.',
  {
    latencyMs: number({ from: 0, to: msMax, default: 0 }, 'Latency of each attempt.'),
    failureRatio: number({ from: 0, to: 1, default: 0 }, 'Share of the attempts that fail.'),
  },
  ({ latencyMs, failureRatio }) =>
    (_inFlight, draw) => ({ latencyMs, failed: failureRatio > 0 && draw('failure') < failureRatio }),
);

/**
 * Queue with c servers. An attempt begins at the first server that is free (Kiefer and Wolfowitz 1955). It takes
 * −serviceMs·ln(1 − U), or exactly serviceMs. With Poisson arrivals and exponential service, the mean wait is that of
 * Erlang's C formula.
 */
const queue = modelKind(
  'Servers behind a first-come, first-served queue. An abandoned attempt still takes its turn.',
  {
    servers: integer({ from: 1, to: 1000, default: 1 }, 'Number of attempts served at once.'),
    serviceMs: number({ above: 0, to: msMax, default: 10 }, 'Mean service time of an attempt.'),
    service: choice(
      { of: ['exponential', 'constant'], default: 'exponential' },
      'Distribution of the service time: exponential as in M/M/c, or constant.',
    ),
    waitingMax: integer(
      { from: 0, to: 1_000_000, default: 1_000_000 },
      'Maximum number of waiting attempts. Further attempts fail at once.',
    ),
    failureRatio: number({ from: 0, to: 1, default: 0 }, 'Share of the attempts that fail.'),
  },
  ({ servers, serviceMs, service, waitingMax, failureRatio }, clock) => {
    /** Times at which the servers become free, in ascending order. */
    const freeAtMs = new Array<number>(servers).fill(Number.NEGATIVE_INFINITY);
    return (inFlight, draw) => {
      if (inFlight > servers + waitingMax) return { latencyMs: 0, failed: true };
      const nowMs = clock.now();
      const beginsAtMs = Math.max(nowMs, freeAtMs.shift()!);
      const endsAtMs = beginsAtMs + serviceMs * (service === 'constant' ? 1 : -Math.log(1 - draw('latency')));
      const index = freeAtMs.findIndex((free) => free > endsAtMs);
      freeAtMs.splice(index < 0 ? servers - 1 : index, 0, endsAtMs);
      return { latencyMs: endsAtMs - nowMs, failed: failureRatio > 0 && draw('failure') < failureRatio };
    };
  },
  ({ servers }) => servers,
);

const kinds = { congestion, fixed, queue };

export const ModelOptions = taggedKinds(kinds);
export type ModelOptions = Static<typeof ModelOptions>;

export function buildModel(options: ModelOptions, clock: Pick<Clock, 'now'>): Model {
  return (kinds[options.kind].create as (options: ModelOptions, clock: Pick<Clock, 'now'>) => Model)(
    options,
    clock,
  );
}

export const kneeOf = (options: ModelOptions): number | null =>
  (kinds[options.kind].knee as (options: ModelOptions) => number | null)(options);
