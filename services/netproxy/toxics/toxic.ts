import type { Static, TInteger, TNumber, TObject } from 'typebox';
import { integer } from '#kit/schema/schema.ts';
import type { Stub } from '#netproxy/stub.ts';

export type Attributes = Record<string, TNumber | TInteger>;

/** Kind of toxic. A toxic affects the bytes in one direction of a connection. */
export interface Toxic<A extends Attributes> {
  readonly attributes: A;
  /** Limit on the bytes that are buffered before the toxic. @default 256 KiB */
  readonly bufferBytes?: number;
  /** True if the toxic drops bytes, so that connections must end when it is removed. */
  readonly final?: boolean;
  /** Moves bytes from input to output, until the connection ends or the stub is interrupted. */
  readonly pipe: (stub: Stub, attributes: Static<TObject<A>>) => Promise<void>;
}

export const toxic = <A extends Attributes>(kind: Toxic<A>): Toxic<A> => kind;

export const ms = (description: string) => integer({ from: 0, to: 3_600_000, default: 0 }, description);
