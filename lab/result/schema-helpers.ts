import type { Static, TProperties, TSchema } from 'typebox';
import { Type } from '#kit/schema/type.ts';

/** Deeply readonly type. */
export type Final<T> = T extends object ? { readonly [K in keyof T]: Final<T[K]> } : T;

export const text = Type.String();
export const number = Type.Number();
/** Returns fields of these names with numbers. */
export const numbers = <K extends string>(...names: readonly K[]) =>
  Object.fromEntries(names.map((name) => [name, number])) as Record<K, typeof number>;
export const flag = Type.Boolean();
export const object = <P extends TProperties>(properties: P) => Type.Object(properties);
export const list = <S extends TSchema>(schema: S) => Type.Array(schema);
/** Returns a schema of one type or null, so that messages name the type. */
export const nullable = <S extends TSchema & { type: string }>(schema: S) =>
  Type.Unsafe<Static<S> | null>({ ...schema, type: [schema.type, 'null'] });
