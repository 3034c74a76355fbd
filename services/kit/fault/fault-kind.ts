import type { Static, TObject, TSchema } from 'typebox';
import type { Problem } from '#kit/schema/problems.ts';
import { strict } from '#kit/schema/schema.ts';

/** Fields that every kind of fault has, regardless of the process that injects it. */
export interface FaultKind<S extends TObject> {
  readonly options: S;
  /** State of the affected target, in the words of reports, e.g. `killed`. */
  readonly state: string;
  /**
   * Affected requests among those in the fault's scope. `some`: depends on the request. `none`: the target doesn't
   * count affected requests. @default 'none'
   */
  readonly scope?: 'all' | 'some' | 'none';
  readonly exclusive?: boolean;
  /** True if the fault stops all traffic of an affected connection, or the whole process. */
  readonly stops?: (options: Static<S>) => boolean;
  /** True if `other`, the options of a fault with its `kind`, would have no effect beside this fault. */
  readonly masks?: (options: Static<S>, other: object) => boolean;
  /** Problems of the options beyond their schema. */
  readonly problems?: (options: Static<S>) => Problem[];
}

export type Fields = Record<string, TSchema>;

/** Declaration of a fault kind `K`. Description and `fields` take the place of the schema `options`. */
export type Declared<P extends Fields, K extends { readonly options: TObject }> = Omit<K, 'options'> & {
  readonly description: string;
  readonly fields?: P;
};

export const declare = <P extends Fields, K extends { readonly options: TObject<P> }>({
  description,
  fields,
  ...kind
}: Declared<P, K>): K => ({ ...kind, options: strict(fields ?? {}, { description }) }) as unknown as K;
