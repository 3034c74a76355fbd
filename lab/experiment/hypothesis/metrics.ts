import { meanings, type Outcome, outcomes } from '#kit/wire.ts';
import { duration } from '#lab/experiment/text/format.ts';
import { callers } from '#lab/experiment/topology/paths.ts';
import { serviceOf } from '#lab/experiment/topology/replicas.ts';
import { collapsedPart, refusedRetriesOf } from '#lab/result/facts.ts';
import type { VariantResult, Window } from '#lab/result/result.ts';

/** Unit of a metric. Only values of the same unit can be compared, so a hypothesis can't mix requests and attempts. */
export type Unit = 'requests' | 'attempts' | 'effects' | 'share' | 'factor' | 'ms' | 'verdict';

/** Units in words, with their highest possible value. The lowest is 0. Some count events among the offered requests. */
export const units: Readonly<
  Record<Unit, { words: string; max: number; event?: (offered: number) => number }>
> = {
  requests: { words: 'requests', max: Infinity, event: () => 1 },
  attempts: { words: 'attempts', max: Infinity, event: () => 1 },
  effects: { words: 'effects', max: Infinity, event: () => 1 },
  share: {
    words: 'a share of the offered requests',
    max: 1,
    event: (offered) => (offered > 0 ? 1 / offered : 0),
  },
  factor: { words: 'attempts per request', max: Infinity },
  ms: { words: 'a time', max: Infinity },
  verdict: { words: '1 for yes, 0 for no', max: 1 },
};

export interface Metric {
  readonly unit: Unit;
  readonly means: string;
  /** Limits the metric to the whole run, or to windows after a fault or a phase. */
  readonly only?: 'whole' | 'after';
  /** Returns the value in the metric's unit; null if there was nothing to measure. */
  readonly of: (variant: Measured) => number | null;
  /** Returns a lower bound of the value, if it is unknown because the variant was observed only in part. */
  readonly atLeast?: (variant: Measured) => number | null;
  /** Returns why a longer load would be needed to know the value; undefined if it wouldn't. */
  readonly tooEarly?: (variant: Measured) => string | undefined;
}

/** Figures of a variant, or of one of its windows. */
export type Measured = Omit<VariantResult, 'attempts' | 'amplification'> &
  Pick<Window, 'recovery' | 'unreported'> & {
    readonly attempts: number | null;
    readonly amplification: number | null;
  };

const percentiles = ['p50', 'p90', 'p95', 'p99', 'p999'] as const;
export type Percentile = (typeof percentiles)[number];

const ending = (means: string, ...names: Outcome[]): Metric => ({
  unit: 'requests',
  means,
  of: (variant) => names.reduce((sum, name) => sum + variant.outcomes[name], 0),
});
const whole = (unit: Unit, means: string, of: Metric['of']): Metric => ({ unit, means, only: 'whole', of });
/**
 * Returns a metric that downstream's caller counts. A restarted caller lost its last counts, so only a lower bound is
 * known then.
 */
const ofCounters = (means: string, count: Metric['of']): Metric => ({
  ...whole('attempts', means, (variant) => (hasRestarted(variant) ? null : count(variant))),
  atLeast: count,
});
const hasRestarted = ({ path, self }: Measured): boolean =>
  self.processes.some(({ name, restarted }) => restarted && serviceOf(name) === callers[path]);
/** Returns the share that a percentile covers: `99.9 %` for p999. */
const shareWithin = (name: Percentile): string =>
  `${name.slice(1, 3)}${name.length > 3 ? `.${name.slice(3)}` : ''} %`;
const each = <K extends string>(names: readonly K[], metric: (name: K) => Metric): Record<K, Metric> =>
  Object.fromEntries(names.map((name) => [name, metric(name)])) as Record<K, Metric>;

/** Metrics that hypotheses can name. */
export const metrics = {
  offered: { unit: 'requests', means: 'requests that the load scheduled', of: (variant) => variant.offered },
  ...each(outcomes, (name) => ending(meanings[name], name)),
  completed: ending('completed and reported to the caller, in time or late', 'ok', 'late'),
  errors: ending('`failed`, `timeout` and `dead` together', 'failed', 'timeout', 'dead'),
  lost: whole(
    'requests',
    'accepted events that neither completed nor are stored anywhere',
    ({ lost }) => lost,
  ),
  redriven: whole(
    'requests',
    'dead letters sent again by `redrives`; one that is sent twice counts twice',
    ({ redrives = [] }) => redrives.reduce((sum, { redriven }) => sum + redriven, 0),
  ),
  goodput: {
    unit: 'share',
    means: 'completed within the deadline ÷ offered',
    of: (variant) => (variant.offered > 0 ? variant.goodput : null),
  },
  collapsed: {
    unit: 'verdict',
    means:
      '1 if under 20 % completed in time, and at least half failed, timed out, were dead-lettered or never ended. Also 1 if this holds in the `after …` or `phase …` window that begins last. That window must have at least a tenth of the requests.',
    of: (variant) => (variant.offered > 0 ? Number(collapsedPart(variant) !== undefined) : null),
  },
  attempts: {
    unit: 'attempts',
    means:
      'calls to downstream. In a window it is a lower bound if some requests did not report their attempts.',
    of: ({ attempts, unreported = 0 }) => (unreported > 0 ? null : attempts),
    atLeast: ({ attempts }) => attempts,
  },
  retries: ofCounters(
    "retries by a retry policy plus redeliveries that the consumer requested. On the path `rpc`, retries that a policy refused don't count. On the path `event` they do, since the event is tried again.",
    ({ retries }) => retries,
  ),
  refusedRetries: ofCounters(
    'retries that a policy refused after a failed attempt. A call keeps the outcome of its failed attempt; an event is tried again.',
    refusedRetriesOf,
  ),
  attemptTimeouts: ofCounters(
    'calls cut off by the timeout or the deadline policy',
    ({ attemptTimeouts }) => attemptTimeouts,
  ),
  amplification: {
    unit: 'factor',
    means: 'attempts ÷ offered',
    of: ({ offered, amplification, unreported = 0 }) =>
      offered > 0 && unreported === 0 ? amplification : null,
    atLeast: ({ attempts, offered }) => (offered > 0 && attempts !== null ? attempts / offered : null),
  },
  duplicates: whole('effects', 'effects beyond the first of a request', ({ effects }) => effects.duplicates),
  wasted: whole('effects', 'effects whose caller had given up', ({ effects }) => effects.wasted),
  mean: {
    unit: 'ms',
    means: 'mean latency of completed requests, from the scheduled time to the reported completion',
    of: (variant) => variant.latency?.meanMs ?? null,
  },
  ...each(percentiles, (name) => ({
    unit: 'ms',
    means: `highest latency among the fastest ${shareWithin(name)} of completed requests, from the scheduled time to the reported completion`,
    of: (variant) => variant.latency?.[`${name}Ms`] ?? null,
  })),
  timeToRecover: {
    unit: 'ms',
    means:
      'from clearing the fault, or from the end of the phase, until goodput had recovered by the rule under `recovery`',
    only: 'after',
    of: ({ recovery }) => recovery?.timeMs ?? null,
    atLeast: ({ recovery }) => recovery?.atLeastMs ?? null,
  },
  timeToDrain: {
    unit: 'ms',
    means:
      'from clearing the fault, or from the end of the phase, until the backlog was no larger than its maximum before the first fault or phase',
    only: 'after',
    of: ({ recovery }) => recovery?.drainMs ?? null,
    atLeast: ({ recovery }) => (recovery?.drainMs === null ? recovery.watchedMs : null),
  },
  lostGoodput: {
    unit: 'requests',
    means:
      'requests that missed their deadline, but would have met it at the goodput before the first fault or phase. Counted from the start of the fault or phase until recovery.',
    only: 'after',
    of: ({ recovery }) => (recovery && recovery.timeMs !== null ? recovery.lostGoodput : null),
    atLeast: ({ recovery }) => recovery?.lostGoodput ?? null,
  },
  metastable: {
    unit: 'verdict',
    means:
      '1 if the variant has not recovered, has less than half of its earlier goodput at the end, and is not recovering slowly',
    only: 'after',
    of: ({ recovery: { metastable = null } = {} }) => (metastable === null ? null : Number(metastable)),
    tooEarly: ({ recovery: { leftMs } = {} }) =>
      leftMs === undefined
        ? undefined
        : `still recovering when the load ended, and may need ${duration(leftMs)} more: make the load longer`,
  },
} satisfies Record<string, Metric>;

export type MetricName = keyof typeof metrics;

export const metricNames = Object.keys(metrics) as readonly MetricName[];

/** Metrics that are defined for a whole run. */
export type RunMetricName = Exclude<
  MetricName,
  'timeToRecover' | 'timeToDrain' | 'lostGoodput' | 'metastable'
>;

export const runMetricNames = metricNames.filter(
  (name): name is RunMetricName => metricOf(name)?.only !== 'after',
);

export function metricOf(name: string): Metric | undefined {
  return Object.hasOwn(metrics, name) ? metrics[name as MetricName] : undefined;
}

/** Returns the goodput at a deadline, from the variant's curve; null if it was not computed. */
export function goodputWithin(variant: Measured, deadlineMs: number): number | null {
  if (variant.offered === 0) return null;
  return variant.goodputByDeadline.find((point) => point.deadlineMs === deadlineMs)?.goodput ?? null;
}
