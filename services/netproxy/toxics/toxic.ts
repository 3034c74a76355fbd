import type { Static, TInteger, TNumber, TObject } from 'typebox';
import type { FaultKind } from '#kit/fault/fault-kind.ts';
import { integer, strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import type { Stub } from '#netproxy/stub.ts';

/** Directions of a connection: from client to upstream, and back. */
export const streams = ['upstream', 'downstream'] as const;
export type Stream = (typeof streams)[number];

const common = {
  stream: Type.Enum([...streams, 'both'], {
    default: 'both',
    description:
      '`upstream` is along the hop, `downstream` is back. With `both`, a delay counts twice in a round trip.',
  }),
};

type Numbers = Record<string, TNumber | TInteger>;

/** Fault that acts on the bytes in one direction of a connection, or in both. */
export interface Toxic<S extends TObject> extends FaultKind<S> {
  /** Limit on the bytes that are buffered before the toxic. @default 256 KiB */
  readonly bufferBytes?: number;
  /** True if the toxic drops bytes, so that connections must end when it is removed. */
  readonly final?: boolean;
  /** Moves bytes from input to output, until the connection ends or the stub is interrupted. */
  readonly pipe: (stub: Stub, options: Static<S>) => Promise<void>;
}

/** Defines a toxic. `options` are its own, beside those that all toxics have. */
export const toxic = <O extends Numbers>(
  description: string,
  options: O,
  kind: Omit<Toxic<TObject<O & typeof common>>, 'options'>,
): Toxic<TObject<O & typeof common>> => ({
  options: strict({ ...options, ...common }, { description }),
  ...kind,
});

const limits = { from: 0, to: 3_600_000 } as const;

export const ms = (description: string) => integer({ ...limits, default: 0 }, description);

export const requiredMs = (description: string) => integer(limits, description);
