import { latencyMsAt } from '#downstream/config.ts';
import { variantAt } from '#lab/experiment/changes.ts';
import type { Experiment, Variant } from '#lab/experiment/schema.ts';

/** More attempts in flight than a picture shows. */
const inFlightMax = 100_000;

/** Relation of calls in flight to calls per second, while no fault is active. */
export type Loop = NonNullable<ReturnType<typeof loopOf>>;

/** Returns the number of attempts in flight above which a call takes longer than its timeout. */
export function timeoutInFlight(experiment: Experiment, variant: Variant): number | undefined {
  const timeoutMs = timeoutOf(variant);
  const { downstream = experiment.downstream } = variant;
  if (downstream.model.kind !== 'congestion') return undefined;
  let [low, high] = [0, inFlightMax];
  if (latencyMsAt(downstream, high) <= timeoutMs) return undefined;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (latencyMsAt(downstream, middle) <= timeoutMs) low = middle;
    else high = middle - 1;
  }
  return low > 0 ? low : undefined;
}

const timeoutOf = ({ policies }: Variant): number =>
  Math.min(...policies.map((policy) => ('timeout' in policy ? policy.timeout.ms : Infinity)));

/**
 * Returns the loop of a variant. With a timeout of T and L(c) ms for c attempts in flight, c ÷ L(c) attempts complete per
 * second. Below L(c) = T each request makes one attempt, above it makes all its tries. So a spike outlives itself if the
 * load times the tries is more than completes at L(c) = T. Undefined where something else decides: other models, failures,
 * work that ends with its caller, a breaker, a bulkhead or a deadline, and events. Its last changes count.
 */
export function loopOf(experiment: Experiment, first: Variant) {
  const variant = variantAt(first, Infinity);
  const { path, policies, downstream = experiment.downstream } = variant;
  const { model, abandonOnAbort } = downstream;
  const [edge, timeoutMs] = [timeoutInFlight(experiment, variant), timeoutOf(variant)];
  if (edge === undefined || path !== 'rpc' || model.kind !== 'congestion' || abandonOnAbort) return undefined;
  if (model.failureRatio > 0 || model.overloadFailureRatio > 0) return undefined;
  if (policies.some((policy) => !('retry' in policy || 'timeout' in policy))) return undefined;
  const completedPerSecond = (inFlight: number) => (inFlight * 1000) / latencyMsAt(downstream, inFlight);
  const triesMax = Math.ceil(experiment.deadlineMs / timeoutMs);
  const attempts = (rate: number) => Math.min(attemptsOf(variant, rate), triesMax * rate);
  const most = completedPerSecond(edge);
  const [one, none] = [attempts(1e6) / 1e6, attempts(0)];
  const sticksAbove = (most - none) / one;
  return {
    timeoutMs,
    /** Most attempts in flight with which a call takes no longer than its timeout. */
    timeoutInFlight: edge,
    /** Returns how many attempts per second the dependency completes with so many in flight. */
    completedPerSecond,
    /** Returns how many attempts per second arrive at a load, with so many in flight. */
    arrivingPerSecond: (rate: number, inFlight: number) => (inFlight > edge ? attempts(rate) : rate),
    /** Load in requests per second above which a spike outlives itself; undefined if none does. */
    sticksAbove: one > 1 && sticksAbove > 0 ? sticksAbove : undefined,
  };
}

/** Returns the attempts per second at a load of which every attempt times out. */
function attemptsOf({ policies }: Variant, rate: number): number {
  let attempts = rate;
  for (const policy of policies) {
    if (!('retry' in policy)) continue;
    const { maxRetries, budget } = policy.retry;
    const whole = attempts * (1 + maxRetries);
    // Without a success only Finagle's budget is refilled.
    const { ratio, minPerSecond } = budget?.kind === 'finagle' ? budget : { ratio: 0, minPerSecond: 0 };
    attempts = budget ? Math.min(whole, attempts * (1 + ratio) + minPerSecond) : whole;
  }
  return attempts;
}
