import type { Experiment } from '#lab/experiment/schema.ts';

export type Limits = ReturnType<typeof limitsOf>;

/** Returns the limits beyond which a measurement is invalid, with defaults. */
export function limitsOf({ deadlineMs, validity }: Pick<Experiment, 'deadlineMs' | 'validity'>) {
  return {
    lagP99Ms: validity.lagP99Ms ?? Math.max(2, 0.01 * deadlineMs),
    unsent: validity.unsent ?? 0,
    /** Limits on the excess of downstream's sleep over the modelled sleep. The larger one applies. */
    sleepExcessP99Ms: validity.sleepExcessP99Ms ?? 10,
    sleepExcessRatio: validity.sleepExcessRatio ?? 0.1,
    faultDelayMs: validity.faultDelayMs ?? 1000,
    stallMs: validity.stallMs ?? 50,
  };
}
