import { meanings, type Outcome, outcomes } from '#kit/wire.ts';
import { duration } from '#lab/kit/text/format.ts';
import { type Counted, type CountedRun, collapsedPart, type Latency } from './counted.ts';
import type { Figure } from './figure.ts';

/** Unit of a metric. Only values of the same unit can be compared, so a hypothesis can't mix requests and attempts. */
export type Unit = 'requests' | 'attempts' | 'effects' | 'share' | 'factor' | 'ms' | 'verdict';

interface UnitFacts {
  readonly words: string;
  /** Highest possible value. The lowest is 0. */
  readonly max: number;
  /** Returns the value of one event, for units that count events among the offered requests. */
  readonly event?: (offered: number) => number;
}

const one = () => 1;
export const units: Readonly<Record<Unit, UnitFacts>> = {
  requests: { words: 'requests', max: Infinity, event: one },
  attempts: { words: 'attempts', max: Infinity, event: one },
  effects: { words: 'effects', max: Infinity, event: one },
  share: {
    words: 'a share of the offered requests',
    max: 1,
    event: (offered) => (offered > 0 ? 1 / offered : 0),
  },
  factor: { words: 'attempts per request', max: Infinity },
  ms: { words: 'a time', max: Infinity },
  verdict: { words: '1 for yes, 0 for no', max: 1 },
};

/** Metric that hypotheses can name. All tables, files and pages of figures follow from these entries. */
export interface Metric {
  readonly unit: Unit;
  readonly means: string;
  /** Limits the metric to the whole run, or to windows after a fault or a phase. */
  readonly only?: 'whole' | 'after';
  /** Returns the value in the metric's unit; null if there was nothing to measure. Windows lack what only runs count. */
  readonly of: (part: CountedRun) => number | null;
  /** Returns a lower bound of the value, if it is unknown because the part was observed only in part. */
  readonly atLeast?: (part: CountedRun) => number | null;
  /** Returns why a longer load would be needed to know the value; undefined if it wouldn't. */
  readonly tooEarly?: (part: Counted) => string | undefined;
  /** Returns the value of a whole run, for a metric of windows. */
  readonly overall?: (run: CountedRun) => number | null;
  /** Name in tables, and head of its column, if they are others. */
  readonly name?: string;
  readonly head?: string;
  /** Unit after a value in tables. */
  readonly suffix?: string;
  /** Tables of variants with a column for it: all, those in which it isn't always `usual`, or only those of reports. */
  readonly column?: 'always' | 'happened' | 'detail';
  /** Value in all variants that makes a column needless. @default 0 */
  readonly usual?: number;
  /** Origin of its figures. @default measured */
  readonly source?: Figure['source'];
  /** Direction that `compare` calls better. Without it, `compare` leaves it out. */
  readonly better?: 'more' | 'less';
  /** True if it gets worse by itself when more requests complete, instead of being refused or cut off. */
  readonly growsWithWork?: true;
  /** Returns the difference from a simulated mean that still agrees. Without it, it isn't simulated beside runs. */
  readonly tolerance?: (mean: number) => number;
  /** True if the rounds are summarised by their median, since a value may be known only by a bound. */
  readonly hasMedian?: true;
  /** Words in the title of an experiment that ask for it. */
  readonly asked?: RegExp;
}

const percentiles = ['p50', 'p90', 'p95', 'p99', 'p999'] as const;
type Percentile = (typeof percentiles)[number];

const ending = (means: string, ...names: Outcome[]): Metric => ({
  unit: 'requests',
  means,
  of: ({ outcomes }) => names.reduce((sum, name) => sum + outcomes[name], 0),
});
const whole = (unit: Unit, means: string, of: Metric['of']): Metric => ({ unit, means, only: 'whole', of });
/**
 * Returns a metric that downstream's caller counts. A restarted caller lost its last counts, so only a lower bound is
 * known then.
 */
const ofCounters = (means: string, count: Metric['of']): Metric => ({
  ...whole('attempts', means, (run) => (run.isRestarted ? null : count(run))),
  atLeast: count,
});
/** Returns the share that a percentile covers: `99.9 %` for p999. */
const shareWithin = (name: Percentile): string =>
  `${name.slice(1, 3)}${name.length > 3 ? `.${name.slice(3)}` : ''} %`;
const each = <K extends string>(names: readonly K[], metric: (name: K) => Metric): Record<K, Metric> =>
  Object.fromEntries(names.map((name) => [name, metric(name)])) as Record<K, Metric>;

const latency = (means: string, of: (latency: Latency) => number): Metric => ({
  unit: 'ms',
  means: `${means} of completed requests`,
  of: ({ latency }) => latency && of(latency),
});
const percentile = (name: Percentile): Metric =>
  latency(`highest latency among the fastest ${shareWithin(name)}`, (all) => all[`${name}Ms`]);
/** Percentiles that tables, `compare` and the comparison with simulations show. */
const shownPercentile = (name: Percentile): Metric => ({
  ...percentile(name),
  ...{ column: 'always', better: 'less', growsWithWork: true, tolerance: (mean) => 0.15 * mean },
});

/** The metrics, in the order of tables. */
export const metrics = {
  goodput: {
    unit: 'share',
    means: 'completed within the deadline ÷ offered',
    of: ({ offered, goodput }) => (offered > 0 ? goodput : null),
    ...{ column: 'always', better: 'more', tolerance: () => 0.05 },
  },
  ceiling: {
    ...whole(
      'share',
      'goodput that no policy can exceed with this load, dependency and deadline, faults left out',
      ({ offered, ceiling }) => (offered > 0 ? ceiling : null),
    ),
    ...{ source: 'ideal', column: 'happened', usual: 1 },
  },
  collapsed: {
    unit: 'verdict',
    means:
      '1 if under 20 % completed in time, and at least half failed, timed out, were dead-lettered or never ended; or if that holds in the `after …` or `phase …` window that begins last',
    of: (part) => (part.offered > 0 ? Number(collapsedPart(part, part.windows) !== undefined) : null),
    ...{ column: 'always', better: 'less' },
  },
  metastable: {
    unit: 'verdict',
    means:
      '1 if the variant has not recovered, has less than half of its earlier goodput at the end, and is not recovering slowly',
    only: 'after',
    of: ({ recovery: { metastable = null } = {} }) => (metastable === null ? null : Number(metastable)),
    overall({ windows }) {
      const known = windows.flatMap(({ recovery }) => recovery?.metastable ?? []);
      if (known.includes(true)) return 1;
      const isRecovering = windows.some(({ recovery }) => recovery?.leftMs !== undefined);
      return known.length === 0 || isRecovering ? null : 0;
    },
    tooEarly: ({ recovery: { leftMs } = {} }) =>
      leftMs === undefined
        ? undefined
        : `still recovering when the load ended, and may need ${duration(leftMs)} more: make the load longer`,
  },
  offered: { unit: 'requests', means: 'requests that the load scheduled', of: ({ offered }) => offered },
  ...each(outcomes, (name) => ({
    ...ending(meanings[name], name),
    column: name === 'ok' ? 'always' : 'happened',
  })),
  completed: ending('completed and reported to the caller, in time or late', 'ok', 'late'),
  errors: {
    ...ending('`failed`, `timeout` and `dead` together', 'failed', 'timeout', 'dead'),
    ...{ better: 'less', growsWithWork: true },
  },
  audited: whole(
    'requests',
    'events without a reported completion whose outcome was decided by an effect or a dead letter',
    ({ audited }) => audited,
  ),
  redriven: whole(
    'requests',
    'dead letters sent again by `redrives`; one that is sent twice counts twice',
    ({ redriven }) => redriven,
  ),
  amplification: {
    unit: 'factor',
    means: 'attempts ÷ offered',
    of: ({ offered, amplification, unreported = 0 }) =>
      offered > 0 && unreported === 0 ? amplification : null,
    atLeast: ({ attempts, offered }) => (offered > 0 && attempts !== null ? attempts / offered : null),
    ...{
      name: 'attempts / request',
      head: 'attempts',
      suffix: '/req',
      column: 'always',
      tolerance: (mean) => 0.1 * mean,
      asked: /\bretries add\b/,
    },
  },
  attempts: {
    unit: 'attempts',
    means:
      'calls to downstream. In a window it is a lower bound if some requests did not report their attempts.',
    of: ({ attempts, unreported = 0 }) => (unreported > 0 ? null : attempts),
    atLeast: ({ attempts }) => attempts,
  },
  peakInFlight: whole(
    'attempts',
    'most attempts in flight at downstream at once, summed over replicas',
    ({ peakInFlight }) => peakInFlight,
  ),
  cpuPerRequest: {
    ...whole(
      'ms',
      'CPU time of the gateway or the consumer ÷ offered. Unknown in a simulation, of a `command`, or after a restart.',
      ({ cpuMs, offered, isRestarted }) =>
        cpuMs === null || isRestarted || offered === 0 ? null : cpuMs / offered,
    ),
    ...{ name: 'CPU / request', head: 'CPU / request', column: 'detail' },
  },
  retries: {
    ...ofCounters(
      'retries, and redeliveries that the consumer requested. On the path `event`, refused retries count, since the event is tried again.',
      ({ retries }) => retries,
    ),
    ...{ better: 'less', growsWithWork: true },
  },
  refusedRetries: {
    ...ofCounters(
      'retries that a policy refused after a failed attempt',
      ({ refusedRetries }) => refusedRetries,
    ),
    column: 'happened',
  },
  attemptTimeouts: ofCounters(
    'calls cut off by the timeout or the deadline policy',
    ({ attemptTimeouts }) => attemptTimeouts,
  ),
  mean: latency('mean latency', ({ meanMs }) => meanMs),
  p50: shownPercentile('p50'),
  p90: percentile('p90'),
  p95: percentile('p95'),
  p99: shownPercentile('p99'),
  p999: percentile('p999'),
  max: latency('highest latency', ({ maxMs }) => maxMs),
  effects: whole(
    'effects',
    'effects of all requests',
    ({ effects }) => effects.distinct + effects.duplicates,
  ),
  duplicates: {
    ...whole('effects', 'effects beyond the first of a request', ({ effects }) => effects.duplicates),
    ...{ column: 'detail', better: 'less', asked: /\btwice|\brepeat/ },
  },
  wasted: {
    ...whole('effects', 'effects whose caller had given up', ({ effects }) => effects.wasted),
    ...{ column: 'detail', better: 'less', growsWithWork: true, asked: /\bgiven up\b/ },
  },
  falseErrors: {
    ...whole('requests', '`errors` of requests whose work was done', ({ falseErrors }) => falseErrors),
    ...{ column: 'detail', better: 'less', growsWithWork: true },
  },
  lost: {
    ...whole(
      'requests',
      'accepted events that neither completed nor are stored anywhere',
      ({ lost }) => lost,
    ),
    ...{ column: 'detail', better: 'less', asked: /\blos[et]\b/ },
  },
  recovered: {
    unit: 'verdict',
    means: '1 if goodput recovered before the load ended; 0 if it is known that it did not',
    only: 'after',
    of: ({ recovery }) => (recovery?.reported ? Number(recovery.timeMs !== null) : null),
  },
  timeToRecover: {
    unit: 'ms',
    means: 'time after the fault or phase until goodput had recovered',
    only: 'after',
    of: ({ recovery }) => recovery?.timeMs ?? null,
    atLeast: ({ recovery }) => recovery?.atLeastMs ?? null,
    hasMedian: true,
    asked: /\bstay\b|\boutlive/,
  },
  timeToDrain: {
    unit: 'ms',
    means:
      'time after the fault or phase until the backlog was no larger than its maximum before the first one',
    only: 'after',
    of: ({ recovery }) => recovery?.drainMs ?? null,
    atLeast: ({ recovery }) => (recovery?.drainMs === null ? recovery.watchedMs : null),
    hasMedian: true,
  },
  timeLeft: {
    unit: 'ms',
    means: 'estimate of the time that recovery would still have needed when the load ended',
    only: 'after',
    of: ({ recovery }) => recovery?.leftMs ?? null,
  },
  lostGoodput: {
    unit: 'requests',
    means:
      'requests until recovery that missed their deadline, but would have met it at the goodput before the first fault or phase',
    only: 'after',
    of: ({ recovery }) => (recovery && recovery.timeMs !== null ? recovery.lostGoodput : null),
    atLeast: ({ recovery }) => recovery?.lostGoodput ?? null,
  },
} satisfies Record<string, Metric>;

export type MetricName = keyof typeof metrics;

export const metricNames = Object.keys(metrics) as readonly MetricName[];

export function metricOf(name: string): Metric | undefined {
  return Object.hasOwn(metrics, name) ? metrics[name as MetricName] : undefined;
}

export const isOfRecovery = ({ metric }: { readonly metric: string }): boolean =>
  metricOf(metric)?.only === 'after';

/** Returns a metric, with the fields that only some metrics have. */
export const metric = (name: MetricName): Metric => metrics[name];
