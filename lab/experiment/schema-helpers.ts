import type { Static, TArray, TBoolean, TNumber, TObject, TProperties, TSchema, TString } from 'typebox';
import { Type } from '#kit/schema/type.ts';

/** Deeply readonly type. */
export type Final<T> = T extends object ? { readonly [K in keyof T]: Final<T[K]> } : T;

const about = (description: string | undefined) => (description === undefined ? {} : { description });

// The last argument of each function is the field's description, which appears in docs/reference.
export const text = (description?: string): TString => Type.String(about(description));
export const number = (description?: string): TNumber => Type.Number(about(description));
export const flag = (description?: string): TBoolean => Type.Boolean(about(description));
export const object = <P extends TProperties>(properties: P, description?: string): TObject<P> =>
  Type.Object(properties, about(description));
export const list = <S extends TSchema>(schema: S, description?: string): TArray<S> =>
  Type.Array(schema, about(description));
/** Allows null by a list of types, and not by a union of schemas, so that messages name the type. */
export const nullable = <S extends TSchema & { type: string }>(schema: S, description?: string) =>
  Type.Unsafe<Static<S> | null>({ ...schema, ...about(description), type: [schema.type, 'null'] });
export const described = <S extends TSchema>(schema: S, description: string): S => ({
  ...schema,
  description,
});
