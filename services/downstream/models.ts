import type { Static, TObject, TSchema } from 'typebox';
import type { Clock } from '#kit/clock.ts';
import { ln } from '#kit/logarithm.ts';
import { choice, integer, number, strict, taggedKinds } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { type Draw, drawnFrom, msMax, Times } from './times.ts';

const times = Type.Optional(Times);

export interface ModelOutcome {
  readonly latencyMs: number;
  readonly failed: boolean;
  /** HTTP status of a failure; 500 by default. */
  readonly status?: number;
  /** Time in ms after which the caller of a failed attempt may try again. */
  readonly retryAfterMs?: number;
}

/** Decides how an attempt ends, from the number of attempts in flight, including this one, and its draws. */
export type Model = (inFlight: number, draw: Draw) => ModelOutcome;

const modelKind = <P extends Record<string, TSchema>>(
  description: string,
  fields: P,
  create: ModelKind<Static<TObject<P>>>['create'],
  limits: Omit<ModelKind<Static<TObject<P>>>, 'create'>,
) => ({ options: strict(fields, { description }), create, ...limits });

interface ModelKind<Options> {
  create(options: Options, clock: Pick<Clock, 'now'>): Model;
  /** Returns the number of attempts in flight above which each attempt takes longer; there is none by default. */
  knee?(options: Options): number;
  /** Returns the time added to an attempt's own and its failure ratio; undefined if so many are not served at once. */
  among(options: Options, inFlight: number): { addedMs: number; failureRatio: number } | undefined;
  /** Returns the rate at which attempts are accepted, and how many at once; unlimited by default. */
  accepted?(options: Options): { perSecond: number; burst: number };
}

const congestionFields = {
  capacityRps: number(
    { above: 0, to: 1_000_000, default: 250 },
    'The knee, in requests in flight, is a tenth of this number.',
  ),
  baseLatencyMs: number({ from: 0, to: msMax, default: 8 }, 'Shortest latency.'),
  jitterMs: number(
    { from: 0, to: msMax, default: 6 },
    'Longest random time added to the base latency. All times from 0 are equally likely.',
  ),
  times,
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
};
type Congestion = Static<TObject<typeof congestionFields>>;

/** Returns the latency that so many attempts in flight add, and their failure ratio. */
function congestionOf(options: Congestion, inFlight: number) {
  const { capacityRps, overloadLatencyMs, failureRatio, failureRatioMax } = options;
  const overload = Math.max(0, inFlight / (capacityRps / 10) - 1);
  const ratio = failureRatio + overload * options.overloadFailureRatio;
  return {
    addedMs: Math.min(msMax, overload * overloadLatencyMs),
    failureRatio: Math.min(Math.max(failureRatio, failureRatioMax), ratio),
  };
}

/**
 * Congestion collapse. With the load factor f = inFlight ÷ (capacityRps ÷ 10):
 *
 * latency = min(1 h, base + U·jitter + max(0, f − 1)·overloadLatency),
 * P(failure) = min(max, failureRatio + max(0, f − 1)·overloadFailureRatio).
 */
const congestion = modelKind(
  'Latency and failures grow with the requests in flight, until goodput approaches zero.',
  congestionFields,
  (options) => {
    const { baseLatencyMs, jitterMs } = options;
    const ownMs = options.times
      ? drawnFrom(options.times)
      : (draw: Draw) => baseLatencyMs + draw('latency') * jitterMs;
    return (inFlight, draw) => {
      const { addedMs, failureRatio } = congestionOf(options, inFlight);
      return {
        latencyMs: Math.min(msMax, ownMs(draw) + addedMs),
        failed: draw('failure') < failureRatio,
      };
    };
  },
  { knee: ({ capacityRps }) => capacityRps / 10, among: congestionOf },
);

const fixed = modelKind(
  'The same latency and failure ratio at any load: a healthy or an instant dependency.',
  {
    latencyMs: number({ from: 0, to: msMax, default: 0 }, 'Latency of each attempt.'),
    times,
    failureRatio: number({ from: 0, to: 1, default: 0 }, 'Share of the attempts that fail.'),
  },
  ({ latencyMs, times, failureRatio }) => {
    const ownMs = times ? drawnFrom(times) : () => latencyMs;
    return (_inFlight, draw) => ({
      latencyMs: ownMs(draw),
      failed: failureRatio > 0 && draw('failure') < failureRatio,
    });
  },
  { among: ({ failureRatio }) => ({ addedMs: 0, failureRatio }) },
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
    times,
    waitingMax: integer(
      { from: 0, to: 1_000_000, default: 1_000_000 },
      'Maximum number of waiting attempts. Further attempts fail at once.',
    ),
    failureRatio: number({ from: 0, to: 1, default: 0 }, 'Share of the attempts that fail.'),
  },
  ({ servers, serviceMs, service, times, waitingMax, failureRatio }, clock) => {
    const drawn = times ? drawnFrom(times) : (draw: Draw) => -serviceMs * ln(1 - draw('latency'));
    const ownMs = !times && service === 'constant' ? () => serviceMs : drawn;
    /** Times at which the servers become free, in ascending order. */
    const freeAtMs = new Array<number>(servers).fill(Number.NEGATIVE_INFINITY);
    return (inFlight, draw) => {
      if (inFlight > servers + waitingMax) return { latencyMs: 0, failed: true };
      const nowMs = clock.now();
      const beginsAtMs = Math.max(nowMs, freeAtMs.shift()!);
      const endsAtMs = beginsAtMs + ownMs(draw);
      const index = freeAtMs.findIndex((free) => free > endsAtMs);
      freeAtMs.splice(index < 0 ? servers - 1 : index, 0, endsAtMs);
      return { latencyMs: endsAtMs - nowMs, failed: failureRatio > 0 && draw('failure') < failureRatio };
    };
  },
  {
    knee: ({ servers }) => servers,
    among: ({ servers, failureRatio }, inFlight) =>
      inFlight <= servers ? { addedMs: 0, failureRatio } : undefined,
  },
);

/** Token bucket: `burst` tokens at most, and `ratePerSecond` more each second. An attempt without a token is refused. */
const rateLimit = modelKind(
  'Answers 429 with `Retry-After` to what exceeds a rate, and the rest at its usual speed.',
  {
    ratePerSecond: number({ above: 0, to: 1_000_000 }, 'Attempts per second that are accepted.'),
    burst: integer({ from: 1, to: 1_000_000, default: 1 }, 'Attempts accepted at once after a pause.'),
    latencyMs: number({ from: 0, to: msMax, default: 0 }, 'Latency of an accepted attempt.'),
    times,
    retryAfterMs: number(
      { from: 0, to: msMax, default: 1000 },
      'Time in `Retry-After`, rounded up to seconds.',
    ),
  },
  ({ ratePerSecond, burst, latencyMs, times, retryAfterMs }, clock) => {
    const ownMs = times ? drawnFrom(times) : () => latencyMs;
    const refused = { latencyMs: 0, failed: true, status: 429, retryAfterMs };
    let tokens = burst;
    let filledAtMs = clock.now();
    return (_inFlight, draw) => {
      const nowMs = clock.now();
      tokens = Math.min(burst, tokens + ((nowMs - filledAtMs) * ratePerSecond) / 1000);
      filledAtMs = nowMs;
      // A load at exactly the rate is not refused because of sums of fractions.
      if (tokens < 1 - 1e-9) return refused;
      tokens = Math.max(0, tokens - 1);
      return { latencyMs: ownMs(draw), failed: false };
    };
  },
  {
    among: () => ({ addedMs: 0, failureRatio: 0 }),
    accepted: ({ ratePerSecond, burst }) => ({ perSecond: ratePerSecond, burst }),
  },
);

const kinds = { congestion, fixed, queue, 'rate-limit': rateLimit };

export const ModelOptions = taggedKinds(kinds);
export type ModelOptions = Static<typeof ModelOptions>;

/** Returns the kind of a model, which reads the options of this kind alone. */
export const kindOf = ({ kind }: ModelOptions) => kinds[kind] as unknown as ModelKind<ModelOptions>;

export const buildModel = (options: ModelOptions, clock: Pick<Clock, 'now'>): Model =>
  kindOf(options).create(options, clock);
