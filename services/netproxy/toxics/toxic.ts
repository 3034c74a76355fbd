import type { Static, TObject } from 'typebox';
import type { Problem } from '#kit/schema/problems.ts';
import type { Stub } from '#netproxy/stub.ts';

/** One way to harm the bytes of one direction of a connection. */
export interface Toxic<S extends TObject> {
  readonly attributes: S;
  /** What is wrong with attributes beyond what their schema can say. */
  readonly check?: (attributes: Static<S>) => Problem[];
  /** Bytes that may wait in front of it; 256 KiB where nothing is said. */
  readonly bufferBytes?: number;
  /** Whether a connection that has had it can't go on without it, since bytes are missing. */
  readonly final?: boolean;
  /** Lets the bytes flow, its way, until they end or it is interrupted. */
  readonly pipe: (stub: Stub, attributes: Static<S>) => Promise<void>;
}

/** Lets the compiler infer the type of the attributes. */
export const toxic = <S extends TObject>(kind: Toxic<S>): Toxic<S> => kind;
