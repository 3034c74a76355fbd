import type { Experiment, Variant } from '#lab/experiment/schema.ts';
import { phaseSpans } from '#load/phases.ts';
import { classOf } from '#policies/class.ts';
import { longestMs, type PolicySpec } from '#policies/pipeline.ts';
import { capacityOf } from './capacity.ts';
import { latenciesOf } from './latency.ts';
import { ratesOf } from './rates.ts';

export type Subject = ReturnType<typeof subjectOf>;

/** Returns what follows from the options of a variant alone. */
export function subjectOf(experiment: Experiment, variant: Variant) {
  const { deadlineMs, replicas } = experiment;
  const policies = limited(variant.policies, deadlineMs);
  const { downstream = experiment.downstream } = variant;
  const attemptMs = Math.min(...policies.filter(isLimit).map((spec) => longestMs([spec])));
  return {
    experiment,
    variant,
    downstream,
    policies,
    rates: ratesIn(experiment),
    /** Number of clients that share the load, each with policies of its own. */
    clients: variant.path === 'rpc' ? (variant.clients ?? 1) * replicas.gateway : replicas.consumer,
    /** Latencies of the dependency without load. */
    healthy: latenciesOf(downstream),
    /** Longest duration of an attempt, and of a call with all its tries, both Infinity without a limit. */
    longest: { attemptMs, callMs: longestMs(policies) },
    /** Capacity of the dependency within the limits of an attempt and the deadline. */
    capacity: capacityOf(downstream, Math.min(attemptMs, deadlineMs), replicas.downstream),
  };
}

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

/** Returns the lowest and highest rate in requests per second; undefined if the load doesn't tell it. */
function ratesIn({ load }: Experiment) {
  // A rate is constant or a ramp, so the ends of a phase have its extremes.
  const ends = phaseSpans(load).flatMap(({ span: { fromMs, untilMs } }) => [fromMs, untilMs - 1e-6]);
  const inBursts = load.flatMap(({ arrivals }) =>
    arrivals.kind === 'bursts' && arrivals.spreadMs > 0 ? (arrivals.size * 1000) / arrivals.spreadMs : [],
  );
  const rates = [...ends.map(ratesOf(load)), ...inBursts];
  const [low, high] = [Math.min(...rates), Math.max(...rates)];
  return Number.isNaN(high) ? undefined : { low, high };
}
