import { Type } from 'typebox';

/** The largest seed. */
export const seedMax = 2 ** 31 - 1;

/** The schema of a seed, the same wherever one is taken. */
export const Seed = (description: string) =>
  Type.Integer({ default: 1, minimum: 0, maximum: seedMax, description });
