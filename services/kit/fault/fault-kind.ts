import type { Static, TObject, TSchema } from 'typebox';
import type { Problem } from '#kit/schema/problems.ts';
import { strict } from '#kit/schema/schema.ts';

/** Parts of every kind of fault, regardless of the process that injects it. */
export interface FaultKind<S extends TObject> {
  readonly options: S;
  /** State of the target for reports: `killed`. */
  readonly state: string;
  /** Requests in its scope that it affects, if the target counts them; `some` depends on the request itself. @default 'none' */
  readonly scope?: 'all' | 'some' | 'none';
  readonly exclusive?: boolean;
  /** True if nothing passes on an affected connection, or the process stands still. */
  readonly stops?: (options: Static<S>) => boolean;
  /** True if beside it a fault of another kind, given with its `kind`, would have no effect. */
  readonly masks?: (options: Static<S>, other: object) => boolean;
  /** Problems of the options beyond their schema. */
  readonly problems?: (options: Static<S>) => Problem[];
}

export type Fields = Record<string, TSchema>;

/** A fault kind `K` as its file declares it, with the fields of its options. */
export type Declared<P extends Fields, K extends { readonly options: TObject }> = Omit<K, 'options'> & {
  readonly description: string;
  readonly fields?: P;
};

export const declare = <P extends Fields, K extends { readonly options: TObject<P> }>({
  description,
  fields,
  ...kind
}: Declared<P, K>): K => ({ ...kind, options: strict(fields ?? {}, { description }) }) as unknown as K;
