import type { Static, TObject } from 'typebox';
import type { Clock } from '#kit/clock.ts';

/** What becomes of one attempt: how long it is worked on, and whether it fails after that. */
export interface ModelOutcome {
  readonly latencyMs: number;
  readonly failed: boolean;
}

/** Decides an attempt's fate from the attempts in flight, this one included, and a draw for each purpose. */
export type Model = (inFlight: number, draw: (purpose: string) => number) => ModelOutcome;

/** One kind of model: its options, and how it is made. */
export interface ModelKind<S extends TObject> {
  readonly options: S;
  readonly create: (options: Static<S>, clock: Clock) => Model;
}

/** Lets the compiler infer the type of the options. */
export const modelKind = <S extends TObject>(kind: ModelKind<S>): ModelKind<S> => kind;
