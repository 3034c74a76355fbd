import { type Static, type TProperties, type TSchema, Type } from 'typebox';
import { type Outcome, outcomes } from '#kit/wire.ts';

/** A type of which nothing is changed any more. */
export type Final<T> = T extends object ? { readonly [K in keyof T]: Final<T[K]> } : T;

export const text = Type.String();
export const number = Type.Number();
export const flag = Type.Boolean();
export const object = <P extends TProperties>(properties: P) => Type.Object(properties);
export const list = <S extends TSchema>(schema: S) => Type.Array(schema);
/** Of one type, so that a message says what else than null was expected. */
export const nullable = <S extends TSchema & { type: string }>(schema: S) =>
  Type.Unsafe<Static<S> | null>({ ...schema, type: [schema.type, 'null'] });

/** How many requests ended in each way: all ten, zeros included. */
export const Outcomes = object(
  Object.fromEntries(outcomes.map((name) => [name, number])) as Record<Outcome, typeof number>,
);

/** The generator's `Counts`. */
export const Counts = object({
  elapsedMs: number,
  offered: number,
  inFlight: number,
  outcomes: Type.Partial(Outcomes),
});

/** The generator's `Percentiles`. */
export const Percentiles = object({
  count: number,
  meanMs: number,
  p50Ms: number,
  p90Ms: number,
  p95Ms: number,
  p99Ms: number,
  p999Ms: number,
  maxMs: number,
});
