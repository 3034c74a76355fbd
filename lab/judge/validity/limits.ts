import { optionsOverTime } from '#lab/experiment/changes.ts';
import { hypothesesOver, measuresIn } from '#lab/experiment/measures.ts';
import type { Experiment } from '#lab/experiment/schema.ts';
import type { Result } from '#lab/judge/result/result.ts';
import { number, plural } from '#lab/kit/text/format.ts';

export function limitsOf({ deadlineMs, validity }: Pick<Experiment, 'deadlineMs' | 'validity'>) {
  return {
    lagP99Ms: validity.lagP99Ms ?? Math.max(2, 0.01 * deadlineMs),
    unsent: validity.unsent ?? 0,
    /** Limits on the excess of downstream's sleep over the modelled sleep. The larger one applies. */
    sleepExcessP99Ms: validity.sleepExcessP99Ms ?? 10,
    sleepExcessRatio: validity.sleepExcessRatio ?? 0.1,
    faultDelayMs: validity.faultDelayMs ?? 1000,
  };
}

/**
 * Returns the length from which a stall may change a verdict: a quarter of the shortest time that bounds a request or an
 * attempt. Infinity without a hypothesis about the variant.
 */
export function stallMsOf(experiment: Experiment, name: string): number {
  const { deadlineMs, hypothesis, validity, variants } = experiment;
  const variant = variants[name]!;
  const options = optionsOverTime(variant);
  const policies = options.flatMap((each) => each.policies);
  const bounds = [
    deadlineMs,
    ...measuresIn({ hypothesis }).map((measure) => measure.variant === name && measure.deadlineMs),
    ...policies.map((policy) => 'timeout' in policy && policy.timeout.ms),
    ...policies.map((policy) => 'deadline' in policy && policy.deadline.ms),
    ...policies.map((policy) => 'bulkhead' in policy && policy.bulkhead.queueTimeoutMs),
    ...options.map(({ consumer }) => consumer?.ackWaitMs),
  ];
  if (hypothesesOver(experiment, name).length === 0) return Infinity;
  return validity.stallMs ?? Math.min(...bounds.map((ms) => ms || Infinity)) / 4;
}

export type Machine = Pick<Result['machine'], 'cpus' | 'loadAverage'> & Pick<Result, 'slowMotion'>;

/** Returns advice after a run on a machine that was too slow. It depends on the machine's load before the run. */
export function adviceOnSlowness({ cpus, loadAverage }: Machine): string {
  const load = `load average ${number(loadAverage)} on ${plural(cpus, 'CPU')}`;
  return loadAverage >= cpus
    ? `The machine was busy when the run began (${load}), which is the likely cause: close other programs.`
    : `The machine was not busy when the run began (${load}), so the load may be too much for it: offer less.`;
}
