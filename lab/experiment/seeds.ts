import type { Experiment } from './schema.ts';

/** The seeds of an experiment's rounds: its own and those that follow it. */
export const seedsOf = ({ seed = 1, repeat = 1 }: Partial<Pick<Experiment, 'seed' | 'repeat'>>): number[] =>
  Array.from({ length: repeat }, (_, round) => seed + round);
