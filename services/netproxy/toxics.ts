import type { Static } from 'typebox';
import { number, strict, tagged } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import type { Stub } from './stub.ts';
import { bandwidth } from './toxics/bandwidth.ts';
import { latency } from './toxics/latency.ts';
import { resetPeer } from './toxics/reset-peer.ts';
import { timeout } from './toxics/timeout.ts';
import type { Attributes, Toxic } from './toxics/toxic.ts';

/** Directions of a connection: from client to upstream, and back. */
export const streams = ['upstream', 'downstream'] as const;
export type Stream = (typeof streams)[number];

/** Toxics by their type in Toxiproxy's API. A new toxic needs a file and a line here. */
export const toxicKinds = {
  latency,
  bandwidth,
  timeout,
  reset_peer: resetPeer,
};
export type ToxicKinds = typeof toxicKinds;

export const isToxicType = (type: unknown): type is keyof ToxicKinds =>
  typeof type === 'string' && Object.hasOwn(toxicKinds, type);

const specOf = <A extends Attributes>(attributes: A) =>
  strict({
    name: Type.String({ minLength: 1, maxLength: 200 }),
    stream: Type.Unsafe<Stream>({ enum: streams, default: 'downstream' }),
    toxicity: number({ from: 0, to: 1, default: 1 }, 'Share of connections that the toxic affects.'),
    attributes: strict(attributes, { default: {} }),
  });

export const ToxicSpec = tagged(
  'type',
  Object.fromEntries(
    Object.entries(toxicKinds).map(([type, { attributes }]) => [type, specOf<Attributes>(attributes)]),
  ) as { [T in keyof ToxicKinds]: ReturnType<typeof specOf<ToxicKinds[T]['attributes']>> },
);
export type ToxicSpec = Static<typeof ToxicSpec>;

export const toxicOf = ({ type }: ToxicSpec) => toxicKinds[type] as unknown as Toxic<never>;

export const pipe = (toxic: ToxicSpec, stub: Stub): Promise<void> =>
  toxicOf(toxic).pipe(stub, toxic.attributes as never);
