import type { Experiment, Variant } from '#lab/experiment/schema.ts';
import { durationMs } from '#load/phases.ts';
import { classOf } from '#policies/class.ts';
import { longestMs, maxAttempts, type PolicySpec } from '#policies/pipeline.ts';
import { capacityAt } from './ceiling.ts';
import { type Latencies, latenciesOf } from './latency.ts';
import { ratesOf } from './rates.ts';

/** Number of points at which a load is looked at. */
const points = 1000;

/** Variant, with what follows from its options alone. */
export interface Subject {
  readonly experiment: Experiment;
  readonly variant: Variant;
  /** Policies with options of that kind, outermost first. */
  all<N extends Name>(name: N): Options<N>[];
  /** Lowest and highest rate in requests per second; undefined if the load doesn't tell it. */
  readonly rates: { readonly low: number; readonly high: number } | undefined;
  /** Number of clients that share the load, each with policies of its own. */
  readonly clients: number;
  /** Latencies of the dependency without load. */
  readonly healthy: Latencies;
  readonly downstream: DownstreamOptions;
  /** Most attempts of a call over RPC, or of a delivery, and most deliveries. */
  readonly attempts: { readonly call: number; readonly deliveries: number };
  /** Longest duration of an attempt, of a call with all its tries, both Infinity without a limit. */
  readonly longest: { readonly attemptMs: number; readonly callMs: number };
  /** Highest number of attempts per second that can succeed within the limits of an attempt and the deadline. */
  readonly mostPerSecond: number;
}

type DownstreamOptions = Experiment['downstream'];
type Name = PolicySpec extends infer S ? (S extends S ? keyof S : never) : never;
type Options<N extends Name> = Extract<PolicySpec, Record<N, unknown>>[N];

export function subjectOf(experiment: Experiment, variant: Variant): Subject {
  const policies = limited(variant.policies, experiment.deadlineMs);
  const { downstream = experiment.downstream } = variant;
  const call = maxAttempts(policies);
  const deliveries = variant.path === 'event' ? 1 + variant.consumer.redelivery.maxRetries : 1;
  const attemptMs = Math.min(...policies.filter(isLimit).map((spec) => longestMs([spec])));
  return {
    experiment,
    variant,
    all: (name) =>
      policies.flatMap((spec) => (name in spec ? [(spec as unknown as Record<string, never>)[name]!] : [])),
    rates: ratesIn(experiment),
    clients: clientsOf(experiment, variant),
    downstream,
    healthy: latenciesOf(downstream),
    attempts: { call, deliveries },
    longest: { attemptMs, callMs: longestMs(policies) },
    mostPerSecond: capacityAt(experiment, downstream, Math.min(attemptMs, experiment.deadlineMs)).perSecond,
  };
}

const clientsOf = ({ replicas }: Experiment, variant: Variant): number =>
  variant.path === 'rpc' ? (variant.clients ?? 1) * (replicas.gateway ?? 1) : (replicas.consumer ?? 1);

/**
 * Returns the policies that every request meets, or that prolong some. Those that take heed of the caller's time, which
 * the load sends, have it as a limit.
 */
const limited = (policies: Variant['policies'], deadlineMs: number): PolicySpec[] =>
  policies.flatMap((spec) => {
    if (isLimit(spec) && classOf(Object.values(spec)[0]!) !== undefined) return [];
    if (!('deadline' in spec)) return spec;
    const { ms = Infinity, marginMs } = spec.deadline;
    return { deadline: { ...spec.deadline, ms: Math.max(0, Math.min(ms, deadlineMs - marginMs)) } };
  });

const isLimit = (spec: PolicySpec): boolean => 'timeout' in spec || 'deadline' in spec;

function ratesIn({ load }: Experiment): Subject['rates'] {
  const [rateAt, ms] = [ratesOf(load), durationMs(load)];
  const rates = Array.from({ length: points }, (_, index) => rateAt((ms * (index + 0.5)) / points));
  const [low, high] = [Math.min(...rates), Math.max(...rates)];
  return Number.isNaN(high) ? undefined : { low, high };
}
