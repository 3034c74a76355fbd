import { type Static, type TNumber, type TObject, Type } from 'typebox';
import type { Random } from '#kit/random.ts';
import type { Problem } from '#kit/schema/problems.ts';

/** When the requests of one phase are due. */
export interface Plan {
  readonly durationMs: number;
  /** In ascending order, in ms after the start of the phase. */
  readonly scheduledAtMs: Iterable<number>;
  /** How many they are, where that is known without counting. */
  readonly count?: number;
}

/** One kind of arrivals: its options, what no schema can say about them, and the due times they stand for. */
export interface Arrival<S extends TObject> {
  readonly options: S;
  readonly check?: (options: Static<S>) => Problem[];
  readonly plan: (options: Static<S>, random: Random) => Plan;
  /** The same with `factor` times the requests in the same time; missing where they are what they are. */
  readonly scale?: (options: Static<S>, factor: number) => Static<S>;
}

/** Lets the compiler infer the type of the options. */
export const arrival = <S extends TObject>(kind: Arrival<S>): Arrival<S> => kind;

/** The most that one load may ask for, and that one field may. */
export const limits = {
  /** For so many the memory of the lab is measured; see `npm run bench memory`. */
  requests: 1_000_000,
  ratePerSecond: 100_000,
  durationMs: 86_400_000,
} as const;

/** Rounds up to whole requests, but takes 3.0000000004 for 3. */
export const wholeRequests = (requests: number): number => Math.max(0, Math.ceil(requests - 1e-6));

/** A rate in requests per second. */
export const rate = (description: string): TNumber =>
  Type.Number({ minimum: 0, maximum: limits.ratePerSecond, description });

/** How long a phase lasts. */
export const forMs = (): TNumber =>
  Type.Number({ exclusiveMinimum: 0, maximum: limits.durationMs, description: 'How long the phase lasts.' });
