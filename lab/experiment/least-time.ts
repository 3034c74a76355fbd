import { durationMs } from '#load/phases.ts';
import type { Experiment } from './schema.ts';

type Timed = Pick<Experiment, 'variants' | 'load' | 'deadlineMs'>;

/** Returns the shortest time that a variant takes: its load and one deadline, unless all requests complete sooner. */
export const leastMsOfVariant = ({ load, deadlineMs }: Omit<Timed, 'variants'>): number =>
  durationMs(load) + deadlineMs;

/**
 * Returns the shortest time that a round takes for all its variants. The start of the testbed and the warm-ups are not
 * included.
 */
export const leastMsOfRound = (experiment: Timed): number =>
  Object.keys(experiment.variants).length * leastMsOfVariant(experiment);
