import { accepted, among, type DownstreamConfig, outcomeAt } from '#downstream/config.ts';
import { memo } from '#kit/memo.ts';
import { latenciesOf, meanOf } from './latency.ts';

/** More attempts in flight than are looked at. A dependency that serves so many has no limit. */
const inFlightMax = 100_000;

/** Most that a dependency can do, on average over the draws. */
export interface Capacity {
  /** Attempts per second that succeed within a time; Infinity if there is no limit. */
  readonly perSecond: number;
  /** Attempts in flight with which so many succeed. */
  readonly inFlight: number;
  /** Attempts that succeed after a pause, beyond those at the rate. Below 0, as many fewer. */
  readonly burst: number;
  /** Variance of the work for a success ÷ its squared mean. */
  readonly variation: number;
  /** Part of this variance that the first attempts' draws explain. 0 if other attempts may take their place. */
  readonly drawn: number;
  /** Time in ms that the luckiest attempt takes. */
  readonly shortestMs: number;
}

type Downstream = Pick<DownstreamConfig, 'model' | 'deadlines' | 'abandonOnAbort'>;

/**
 * Returns what replicas of a dependency can do of attempts that may take `withinMs`. With so many in flight, each takes a
 * mean time and succeeds in time with a probability, so in flight × probability ÷ time succeed (Little's law); the best
 * number in flight counts. Where work ends with its caller, the best timeout counts, too.
 */
export const capacityOf = (downstream: Downstream, withinMs: number, replicas = 1): Capacity => {
  const { model, deadlines, abandonOnAbort } = downstream;
  const key = JSON.stringify([model, deadlines, abandonOnAbort, withinMs]);
  const { perSecond, inFlight, burst, ...one } = capacities(key, () => computed(downstream, withinMs));
  return { ...one, perSecond: replicas * perSecond, inFlight: replicas * inFlight, burst: replicas * burst };
};

/** Capacities of the last dependencies, since many experiments differ only in policies, load or seed. */
const capacities = memo<Capacity>();

function computed(downstream: Downstream, withinMs: number): Capacity {
  const { model, deadlines, abandonOnAbort } = downstream;
  const own = ownTimes(downstream);
  const { shortestMs } = own;
  let best = { perSecond: 0, inFlight: 0, burst: 0, variation: 0, drawn: 0, shortestMs };
  const refuses = model.kind === 'queue' && model.waitingMax < inFlightMax;
  const isDrawn = deadlines === 'ignore' && !abandonOnAbort && !refuses;
  let atOnce = 0;
  let inFlight = 1;
  for (let step = 1; inFlight < inFlightMax; inFlight += step) {
    const { addedMs = 0, failureRatio = 0 } = among(downstream, inFlight) ?? { addedMs: Infinity };
    if (shortestMs + addedMs > withinMs) break;
    const success = own.within(withinMs - addedMs) * (1 - failureRatio);
    const perSecond = 1000 * inFlight * (1 - failureRatio) * own.perMs(withinMs - addedMs, addedMs);
    const spread = own.variance / (own.meanMs + addedMs) ** 2 || 0;
    const variation = spread * success + 1 - success;
    if (perSecond > best.perSecond)
      best = { ...best, perSecond, inFlight, variation, drawn: isDrawn ? success : 0 };
    atOnce += step * success;
    // Skips no number up to a thousand, so neither a queue's servers nor a usual knee.
    step = Math.max(1, Math.floor(inFlight / 1000));
  }
  if (inFlight >= inFlightMax) best = { ...best, perSecond: Infinity };
  const { perSecond, burst } = accepted(downstream);
  const inTime = own.within(withinMs);
  const most = perSecond * inTime;
  if (most < best.perSecond) {
    const inFlight = Math.ceil((perSecond * own.meanMs) / 1000);
    const burstInTime = burst - (most * shortestMs) / 1000;
    return { perSecond: most, inFlight, burst: burstInTime, variation: 1 - inTime, drawn: 0, shortestMs };
  }
  // After a pause, times with a tail let more end early than the rate says: by Lorden's bound up to variance ÷ mean².
  const early = model.times === undefined ? 1 : 1 + own.variance / own.meanMs ** 2;
  return { ...best, burst: Math.max(0, early * atOnce - (best.perSecond * withinMs) / 1000) || 0 };
}

/** Returns an attempt's own times, alone at the dependency. */
function ownTimes({ model, deadlines, abandonOnAbort }: Downstream) {
  const { addedMs: ofOne = 0 } = among({ model }, 1) ?? {};
  const { allMs, meanMs: mean } = latenciesOf({ model });
  const sorted = allMs.map((ms) => ms - ofOne);
  const of = sorted.length;
  const meanMs = mean - ofOne;
  const luckiest = [0, 1 - Number.EPSILON].map(
    (latency) => outcomeAt({ model }, 1, (purpose) => (purpose === 'angle' ? 0.5 : latency)).latencyMs,
  );
  const shortestMs = Math.min(...luckiest) - ofOne;
  /** Returns successes per ms that an attempt is in flight, if it is cut off at the best time of at most `ms`. */
  const cutOff = (ms: number, addedMs: number) => {
    let [best, sum] = [0, 0];
    for (let index = 0; index < of && sorted[index]! <= ms; index++) {
      const [share, at] = [(index + 0.5) / of, sorted[index]!];
      best = Math.max(best, share / ((sum + at * (of - index)) / of + addedMs));
      sum += at;
    }
    return best;
  };
  const within = (ms: number) => Math.min(1, (sorted.findLastIndex((each) => each <= ms) + 2) / of);
  return {
    meanMs,
    shortestMs,
    variance: meanOf(sorted.map((ms) => (ms - meanMs) ** 2)),
    within,
    perMs(ms: number, addedMs: number): number {
      const whole = within(ms) / (meanMs + addedMs);
      // Work that would take too long is refused at once, so only the shortest need be done.
      if (deadlines === 'refuse') return 1 / (shortestMs + addedMs);
      return deadlines === 'stop' || abandonOnAbort ? Math.max(whole, cutOff(ms, addedMs)) : whole;
    },
  };
}
