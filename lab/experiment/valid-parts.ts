import { sieve, type ValidParts as ValidPartsOf } from '#kit/schema/valid-parts.ts';
import { Experiment } from './schema.ts';

/** An experiment without what its schema refuses. */
export type ValidParts = ValidPartsOf<Experiment>;

/** Tells what is sound in an experiment from what its schema refuses. */
export const validPartsOf = sieve(Experiment, ['variants']);
