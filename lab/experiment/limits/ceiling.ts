import { outcomeAt } from '#downstream/config.ts';
import { drawFor } from '#kit/random.ts';
import { requestId } from '#kit/wire.ts';
import type { Experiment, Variant } from '#lab/experiment/schema.ts';
import type { Span } from '#lab/experiment/span.ts';
import { schedule } from '#load/phases.ts';
import { type Capacity, capacityOf } from './capacity.ts';
import { meanOf } from './latency.ts';

/** Requests from an idle dependency to the last one that is dropped, and how many of them are served on average. */
interface Crowd {
  readonly first: number;
  readonly last: number;
  readonly served: number;
}

/**
 * Returns the share of the requests that any policy could complete within the deadline, at most. Serves those scheduled in
 * a span, first come, first served, at the highest rate at which attempts succeed, and drops those that would complete too
 * late: of equal jobs with equal deadlines, no order completes more. Adds a margin for chance. Faults are left out:
 * they only take away. A closed loop waits for its answers, so its ceiling is 1.
 */
export function ceilingOf(
  experiment: Experiment,
  variant: Variant,
  span: Span = { fromMs: 0, untilMs: Infinity },
): number {
  if (variant.callers !== undefined) return 1;
  const { deadlineMs, load, replicas, seed } = experiment;
  const { downstream = experiment.downstream } = variant;
  const capacity = capacityOf(downstream, deadlineMs, replicas.downstream);
  const { perSecond, burst, variation, shortestMs } = capacity;
  if (perSecond === 0) return 0;
  const eachMs = 1000 / perSecond;
  const savedMs = burst * eachMs;
  // Even the first of several tries may succeed, before the work of a success is done on average.
  const earlyMs = variation > 0 ? eachMs : 0;
  const crowds = new Map<number, Crowd>();
  let freeAtMs = Number.NEGATIVE_INFINITY;
  let [offered, good, first, served] = [0, 0, 0, 0];
  for (const { index, scheduledAtMs } of schedule(load, seed)) {
    if (scheduledAtMs < span.fromMs || scheduledAtMs >= span.untilMs) continue;
    offered += 1;
    if (scheduledAtMs - savedMs >= freeAtMs) [first, served] = [index, 0];
    const doneAtMs = Math.max(scheduledAtMs - savedMs, freeAtMs) + eachMs;
    if (Math.max(scheduledAtMs + shortestMs, doneAtMs - earlyMs) > scheduledAtMs + deadlineMs) {
      crowds.set(first, { first, last: index, served });
      continue;
    }
    good += 1;
    served += 1;
    freeAtMs = doneAtMs;
  }
  const most = good + luckOf({ ...experiment, downstream }, capacity, [...crowds.values()]);
  return Math.min(1, most / Math.max(1, offered));
}

/**
 * Returns how many more than on average may be served by chance: more in about one of 30,000 experiments. A policy doesn't
 * know how long work will take, so it serves a random part of a crowd. If the work of all is known, the part's mean
 * varies the less, the greater the part is.
 */
function luckOf(experiment: Experiment, capacity: Capacity, crowds: readonly Crowd[]): number {
  const { inFlight, perSecond, variation, drawn } = capacity;
  if (variation === 0) return 0;
  const meanMs = (1000 * inFlight) / perSecond;
  // A fault may lose an attempt before the dependency draws for it.
  const known = experiment.faults.length > 0 ? 0 : drawn;
  let [more, variance] = [0, 0];
  for (const crowd of crowds) {
    const offered = crowd.last - crowd.first + 1;
    const work = known > 0 ? workOf(experiment, crowd, inFlight, meanMs) : { meanMs, variation: 0 };
    const most = Math.min(offered, (crowd.served * meanMs) / work.meanMs);
    more += most - crowd.served;
    variance += most * (work.variation * (1 - most / offered) + variation * (1 - known));
  }
  // Work that goes on after the last success of a crowd took longer than the mean if times vary much.
  const unfinished = (inFlight * Math.max(0, variation - 1)) / 2;
  return more + 4 * Math.sqrt(variance) + 5 * Math.min(1, variation) + unfinished;
}

/** Returns the work for a crowd by the draws of its first attempts. Further attempts take the mean. */
function workOf(experiment: Experiment, { first, last }: Crowd, inFlight: number, againMs: number) {
  const { deadlineMs, downstream, replicas, seed } = experiment;
  const allMs = Array.from({ length: last - first + 1 }, (_, index) => {
    const draw = (purpose: string) => drawFor(seed, requestId(first + index), 1, purpose);
    const { latencyMs, failed } = outcomeAt(downstream, inFlight / replicas.downstream, draw);
    return Math.min(latencyMs, deadlineMs) + (failed || latencyMs > deadlineMs ? againMs : 0);
  });
  const meanMs = meanOf(allMs);
  return { meanMs, variation: meanOf(allMs.map((ms) => (ms / meanMs) ** 2)) - 1 };
}
