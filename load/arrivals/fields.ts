import { type TNumber, Type } from 'typebox';
import { limits } from './arrival.ts';

/** A rate in requests per second. */
export const rate = (description: string): TNumber =>
  Type.Number({ minimum: 0, maximum: limits.ratePerSecond, description });

/** How long a phase lasts. */
export const forMs = (): TNumber =>
  Type.Number({ exclusiveMinimum: 0, maximum: limits.durationMs, description: 'How long the phase lasts.' });
