import { type Static, type TProperties, type TSchema, Type } from 'typebox';

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
