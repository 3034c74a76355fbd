import type { ValidityCheck } from '#lab/result/result.ts';

/** A check of a variant before it is held against its limit. */
export type Probe = Omit<ValidityCheck, 'variant' | 'ok'>;
