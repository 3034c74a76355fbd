import type { Experiment, Variant } from '#lab/experiment/schema.ts';
import type { Span } from '#lab/experiment/span.ts';
import { schedule } from '#load/phases.ts';
import { type Capacity, capacityOf } from './capacity.ts';

/** Returns how many more than the mean `count` may complete by chance: more in about one of 30,000 experiments. */
const marginOf = (count: number, variation: number): number =>
  4 * Math.sqrt(variation * count) + 5 * Math.min(1, variation);

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
  const { deadlineMs, load, seed } = experiment;
  const { downstream = experiment.downstream } = variant;
  const { perSecond, burst, variation, shortestMs } = capacityAt(experiment, downstream);
  if (perSecond === 0) return 0;
  const eachMs = 1000 / perSecond;
  const savedMs = burst * eachMs;
  // Even the first of several tries may succeed, before the work of a success is done on average.
  const earlyMs = variation > 0 ? eachMs : 0;
  let freeAtMs = Number.NEGATIVE_INFINITY;
  let [offered, good] = [0, 0];
  for (const { scheduledAtMs } of schedule(load, seed)) {
    if (scheduledAtMs < span.fromMs || scheduledAtMs >= span.untilMs) continue;
    offered += 1;
    const doneAtMs = Math.max(scheduledAtMs - savedMs, freeAtMs) + eachMs;
    if (Math.max(scheduledAtMs + shortestMs, doneAtMs - earlyMs) > scheduledAtMs + deadlineMs) continue;
    good += 1;
    freeAtMs = doneAtMs;
  }
  return Math.min(1, (good + marginOf(good, variation)) / Math.max(1, offered));
}

/** Returns what all replicas of a dependency can do within a time; by default that of the deadline. */
export function capacityAt(
  { deadlineMs, replicas }: Experiment,
  downstream: Experiment['downstream'],
  withinMs = deadlineMs,
): Capacity {
  const one = capacityOf(downstream, withinMs);
  const of = replicas.downstream;
  return { ...one, perSecond: of * one.perSecond, inFlight: of * one.inFlight, burst: of * one.burst };
}
