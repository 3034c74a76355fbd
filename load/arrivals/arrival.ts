import type { Static, TNumber, TSchema } from 'typebox';
import type { Random } from '#kit/random.ts';
import type { Problem } from '#kit/schema/problems.ts';
import { number } from '#kit/schema/schema.ts';

export interface Plan {
  readonly durationMs: number;
  /** Times in ms after the start of the phase, ascending. */
  readonly scheduledAtMs: Iterable<number>;
  /** Length of `scheduledAtMs`, if it is known without counting. */
  readonly count?: number;
}

export interface Arrival<S extends TSchema> {
  readonly options: S;
  readonly check?: (options: Static<S>) => Problem[];
  readonly plan: (options: Static<S>, random: Random) => Plan;
  /** Returns options for `factor` times as many requests in the same time. Missing if the times are fixed. */
  readonly scale?: (options: Static<S>, factor: number) => Static<S>;
}

export const arrival = <S extends TSchema>(kind: Arrival<S>): Arrival<S> => kind;

export const limits = {
  /** Limit up to which the lab's memory is measured, see `npm run bench memory`. */
  requests: 1_000_000,
  ratePerSecond: 100_000,
  durationMs: 86_400_000,
} as const;

/** Rounds up to whole requests, but takes 3.0000000004 as 3. */
export const wholeRequests = (requests: number): number => Math.max(0, Math.ceil(requests - 1e-6));

export const rate = (description: string): TNumber =>
  number({ from: 0, to: limits.ratePerSecond }, description);

export const forMs = (): TNumber => number({ above: 0, to: limits.durationMs }, 'Duration of the phase.');

export const scaleRates =
  <K extends string>(...rates: readonly K[]) =>
  <O extends Record<K, number>>(options: O, factor: number): O =>
    Object.assign({ ...options }, ...rates.map((name) => ({ [name]: options[name] * factor })));
