import { type Sound as SoundOf, sieve } from '#kit/schema/valid-parts.ts';
import { Experiment } from './schema.ts';

/** An experiment without what its schema refuses. */
export type Sound = SoundOf<Experiment>;

/** Tells what is sound in an experiment from what its schema refuses. */
export const soundIn = sieve(Experiment, ['variants']);
