import type { Static, TInteger, TNumber, TObject } from 'typebox';
import type { FaultKind } from '#kit/fault/fault-kind.ts';
import type { Problem } from '#kit/schema/problems.ts';
import { strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import type { Stub } from '#netproxy/stub.ts';

/** Directions of a connection: from client to upstream, and back. */
export const streams = ['upstream', 'downstream'] as const;
export type Stream = (typeof streams)[number];

type Attributes = Record<string, TNumber | TInteger>;

/** Affects the bytes of one direction of a connection. */
export interface Toxic<A extends Attributes> {
  readonly attributes: TObject<A>;
  /** Problems of the attributes beyond their schema. */
  readonly check?: (attributes: Static<TObject<A>>) => Problem[];
  /** Bytes that may wait in front of it. @default 256 KiB */
  readonly bufferBytes?: number;
  /** True if a connection can't go on after it, since bytes are missing. */
  readonly final?: boolean;
  /** Lets bytes flow until they end or it is interrupted. */
  readonly pipe: (stub: Stub, attributes: Static<TObject<A>>) => Promise<void>;
}

/** Infers the types of the attributes. */
export const toxic = <A extends Attributes>({
  attributes,
  ...kind
}: Omit<Toxic<A>, 'attributes'> & { attributes: A }): Toxic<A> =>
  ({ ...kind, attributes: strict(attributes) }) as unknown as Toxic<A>;

const common = {
  stream: Type.Enum([...streams, 'both'], {
    default: 'both',
    description: 'Upstream along the hop, downstream back; both ways a delay counts twice in a round trip.',
  }),
  toxicity: Type.Number({
    default: 1,
    exclusiveMinimum: 0,
    maximum: 1,
    description: 'The share of connections that it affects, drawn by the seed.',
  }),
};
type Common = { readonly stream: Stream | 'both'; readonly toxicity: number };

/** A fault that netproxy injects itself. */
export interface NetworkFault<S extends TObject> extends FaultKind<S> {
  /** Its toxics as the API shows them; absent if it closes the proxy. */
  readonly toxics?: (name: string, options: object) => object[];
}

type Own<O> = { readonly [K in keyof O]: number };

interface ToxicFault<A extends Attributes, O extends Record<string, keyof A & string>> {
  readonly type: string;
  readonly description: string;
  readonly state: string;
  /** Attributes by the names of options, which have units. */
  readonly options: O;
  /** Options without which it would do nothing. */
  readonly required?: readonly (keyof O)[];
  readonly stops?: (options: Own<O>) => boolean;
  /** Kinds without effect on a connection that it affects, whichever comes first. */
  readonly masks?: (options: Own<O>) => readonly string[];
}

/** Makes a fault of a toxic, on one direction of a connection or on both. */
export function toxicFault<A extends Attributes, const O extends Record<string, keyof A & string>>(
  { attributes: { properties }, check }: Toxic<A>,
  { type, description, state, options, required = [], stops, masks }: ToxicFault<A, O>,
): NetworkFault<TObject<{ [K in keyof O]: TNumber } & typeof common>> {
  const names = Object.entries(options);
  const fields = names.map(([name, attribute]) => {
    const schema = (properties as Attributes)[attribute] as TNumber & { default?: number };
    const { default: _, ...withoutDefault } = schema;
    return [name, required.includes(name) ? withoutDefault : schema];
  });
  const attributesOf = (own: Record<string, unknown>) =>
    Object.fromEntries(names.map(([name, attribute]) => [attribute, own[name]]));
  return {
    options: strict({ ...Object.fromEntries(fields), ...common }, { description }) as never,
    state,
    stops: (own) => stops?.(own as never) ?? false,
    masks: (own, other) => {
      const { stream, toxicity } = own as Common;
      const { kind, stream: beside } = other as Common & { kind: string };
      const isCovered = toxicity === 1 && (stream === 'both' || stream === beside);
      return isCovered && (masks?.(own as never).includes(kind) ?? false);
    },
    problems: (own) =>
      (check?.(attributesOf(own as object as Record<string, unknown>) as never) ?? []).map((problem) => ({
        ...problem,
        pointer: `/${names.find(([, attribute]) => problem.pointer === `/${attribute}`)![0]}`,
      })),
    toxics: (name, own) => {
      const { stream, toxicity, ...others } = own as Common & Record<string, unknown>;
      return streams
        .filter((one) => stream === 'both' || stream === one)
        .map((one) => ({
          name: `${name}_${one}`,
          type,
          stream: one,
          toxicity,
          attributes: attributesOf(others),
        }));
    },
  };
}

/** A time that may be zero, in ms, up to an hour. */
export const ms = (description: string) =>
  Type.Integer({ default: 0, minimum: 0, maximum: 3_600_000, description });

/** A size in bytes, up to a tebibyte. */
export const bytes = (minimum: number, description: string) =>
  Type.Integer({ minimum, maximum: 2 ** 40, ...(minimum === 0 && { default: 0 }), description });
