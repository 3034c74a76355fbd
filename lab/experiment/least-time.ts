import { durationMs } from '#load/phases.ts';
import type { Experiment } from './schema.ts';

type Timed = Pick<Experiment, 'variants' | 'load' | 'deadlineMs'>;

/**
 * Returns the least time of a round: for each variant its load and one deadline, unless all requests complete sooner.
 * The start of the testbed and the warm-ups take additional time.
 */
export const leastMsOfRound = ({ variants, load, deadlineMs }: Timed): number =>
  Object.keys(variants).length * (durationMs(load) + deadlineMs);
