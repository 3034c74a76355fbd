import type { Static, TObject, TSchema } from 'typebox';
import type { Clock } from '#kit/clock.ts';
import { strict } from '#kit/schema/schema.ts';

export interface ModelOutcome {
  readonly latencyMs: number;
  readonly failed: boolean;
}

/** Decides an attempt's outcome from the attempts in flight, this one included, and a draw for each purpose. */
export type Model = (inFlight: number, draw: (purpose: string) => number) => ModelOutcome;

interface ModelKind<S extends TObject> {
  readonly create: (options: Static<S>, clock: Clock) => Model;
}

export const modelKind = <P extends Record<string, TSchema>>({
  description,
  fields,
  create,
}: ModelKind<TObject<P>> & { readonly description: string; readonly fields: P }) => ({
  options: strict(fields, { description }),
  create,
});
