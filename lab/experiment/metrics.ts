import { meanings, type Outcome, outcomes } from '#kit/wire.ts';
import type { VariantResult } from '#lab/result.ts';

/** What a metric counts in; only like is compared with like, so that requests and attempts are never mixed. */
export type Unit = 'requests' | 'attempts' | 'effects' | 'share' | 'factor' | 'ms';

/** Every unit in words, and the most that anything in it can be; nothing is below 0. */
export const units: Readonly<Record<Unit, { readonly words: string; readonly max: number }>> = {
  requests: { words: 'requests', max: Number.POSITIVE_INFINITY },
  attempts: { words: 'attempts', max: Number.POSITIVE_INFINITY },
  effects: { words: 'effects', max: Number.POSITIVE_INFINITY },
  share: { words: 'a share of the offered requests', max: 1 },
  factor: { words: 'attempts per request', max: Number.POSITIVE_INFINITY },
  ms: { words: 'a time', max: Number.POSITIVE_INFINITY },
};

interface Metric {
  readonly unit: Unit;
  readonly means: string;
  /** Whether it is known of the whole run only, and not of a window. */
  readonly whole?: true;
  /** The value in the unit; null where there was nothing to measure. */
  readonly of: (variant: VariantResult) => number | null;
}

const percentiles = ['p50', 'p90', 'p95', 'p99', 'p999'] as const;
export type Percentile = (typeof percentiles)[number];

const ending = (means: string, ...names: Outcome[]): Metric => ({
  unit: 'requests',
  means,
  of: (variant) => names.reduce((sum, name) => sum + variant.outcomes[name], 0),
});
/** `99.9 %` for p999. */
const shareWithin = (name: Percentile): string =>
  `${name.slice(1, 3)}${name.length > 3 ? `.${name.slice(3)}` : ''} %`;
const each = <K extends string>(names: readonly K[], metric: (name: K) => Metric): Record<K, Metric> =>
  Object.fromEntries(names.map((name) => [name, metric(name)])) as Record<K, Metric>;

/** Every metric that hypotheses and predictions can name; a new one is a line here. */
export const metrics = {
  offered: { unit: 'requests', means: 'all that the load offered', of: (variant) => variant.offered },
  ...each(outcomes, (name) => ending(meanings[name], name)),
  completed: ending('done, in time or late', 'ok', 'late'),
  errors: ending('tried, and come to nothing', 'failed', 'timeout', 'dead'),
  lost: {
    unit: 'requests',
    means: 'events accepted and found nowhere',
    whole: true,
    of: (variant) => variant.lost,
  },
  redriven: {
    unit: 'requests',
    means: 'dead, and sent again by `redrives`; counted each time',
    whole: true,
    of: ({ redrives = [] }) => redrives.reduce((sum, { redriven }) => sum + redriven, 0),
  },
  goodput: {
    unit: 'share',
    means: 'done within the deadline ÷ offered',
    of: (variant) => (variant.offered > 0 ? variant.goodput : null),
  },
  attempts: {
    unit: 'attempts',
    means: 'calls to downstream',
    whole: true,
    of: (variant) => variant.attempts,
  },
  retries: {
    unit: 'attempts',
    means: 'retries by a policy, and redeliveries',
    whole: true,
    of: (variant) => variant.retries,
  },
  attemptTimeouts: {
    unit: 'attempts',
    means: 'cut off by the timeout policy',
    whole: true,
    of: (variant) => variant.attemptTimeouts,
  },
  amplification: {
    unit: 'factor',
    means: 'attempts ÷ offered',
    whole: true,
    of: (variant) => (variant.offered > 0 ? variant.amplification : null),
  },
  duplicates: {
    unit: 'effects',
    means: 'effects beyond the first of a request',
    whole: true,
    of: (variant) => variant.effects.duplicates,
  },
  wasted: {
    unit: 'effects',
    means: 'effects whose caller had given up',
    whole: true,
    of: (variant) => variant.effects.wasted,
  },
  ...each(percentiles, (name) => ({
    unit: 'ms',
    means: `how long ${shareWithin(name)} of the completed took at most, from due time until done`,
    of: (variant) => variant.latency?.[`${name}Ms`] ?? null,
  })),
} satisfies Record<string, Metric>;

export type MetricName = keyof typeof metrics;

export const metricNames = Object.keys(metrics) as readonly MetricName[];

/** The metric of that name, if there is one. */
export function metricOf(name: string): Metric | undefined {
  return Object.hasOwn(metrics, name) ? metrics[name as MetricName] : undefined;
}

/** Effects within a deadline ÷ offered, from the variant's curve; null where it was not computed. */
export function goodputWithin(variant: VariantResult, deadlineMs: number): number | null {
  if (variant.offered === 0) return null;
  return variant.goodputByDeadline.find((point) => point.deadlineMs === deadlineMs)?.goodput ?? null;
}
