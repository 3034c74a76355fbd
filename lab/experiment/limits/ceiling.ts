import { mostPerSecond } from '#downstream/config.ts';
import type { Experiment, Variant } from '#lab/experiment/schema.ts';
import { schedule } from '#load/phases.ts';
import { latenciesOf } from './latency.ts';

/**
 * Returns the share of the requests that any policy could complete within the deadline, at most, on average over the
 * draws. Serves the requests of a seed first come, first served, at the highest rate at which attempts succeed within the
 * deadline, and drops those that would complete too late. Faults are left out: they only take away.
 */
export function ceilingOf(experiment: Experiment, variant: Variant, seed = experiment.seed): number {
  const { downstream = experiment.downstream } = variant;
  const { deadlineMs, load } = experiment;
  const shortestMs = latenciesOf(downstream).quantileMs(0);
  const eachMs = 1000 / (replicasOf(experiment) * mostPerSecond(downstream, deadlineMs));
  let freeAtMs = Number.NEGATIVE_INFINITY;
  let [offered, good] = [0, 0];
  for (const { scheduledAtMs } of schedule(load, seed)) {
    offered += 1;
    const endsAtMs = Math.max(scheduledAtMs + shortestMs, freeAtMs + eachMs);
    if (endsAtMs > scheduledAtMs + deadlineMs) continue;
    good += 1;
    freeAtMs = Math.max(freeAtMs, scheduledAtMs) + eachMs;
  }
  return good / offered;
}

const replicasOf = ({ replicas }: Experiment): number => replicas.downstream ?? 1;
