import type { Static } from 'typebox';
import { type Problem, within } from '#kit/schema/problems.ts';
import { strict, tagged } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import type { Stub } from '#netproxy/stub.ts';
import { bandwidth } from './bandwidth.ts';
import { latency } from './latency.ts';
import { limitData } from './limit-data.ts';
import { resetPeer } from './reset-peer.ts';
import { slicer } from './slicer.ts';
import { slowClose } from './slow-close.ts';
import { timeout } from './timeout.ts';
import { type Stream, streams, type Toxic } from './toxic.ts';

/** Every toxic by its type; a new one is a file and a line here, and one in the map of faults. */
const toxicKinds = {
  latency,
  bandwidth,
  slicer,
  slow_close: slowClose,
  timeout,
  reset_peer: resetPeer,
  limit_data: limitData,
};
type Kinds = typeof toxicKinds;

export const isToxicType = (type: unknown): type is keyof Kinds =>
  typeof type === 'string' && Object.hasOwn(toxicKinds, type);

const common = {
  name: Type.String({ minLength: 1, maxLength: 200 }),
  stream: Type.Unsafe<Stream>({ enum: streams, default: 'downstream' }),
  toxicity: Type.Number({
    default: 1,
    minimum: 0,
    maximum: 1,
    description: 'The share of connections that it affects.',
  }),
};
const withCommon = <A extends Kinds[keyof Kinds]['attributes']>(attributes: A) =>
  strict({ ...common, attributes: { ...attributes, default: {} } as A });

/** A toxic as the API shows it. */
export const ToxicSpec = tagged(
  'type',
  Object.fromEntries(
    Object.entries(toxicKinds).map(([type, { attributes }]) => [type, withCommon(attributes)]),
  ) as {
    [T in keyof Kinds]: ReturnType<typeof withCommon<Kinds[T]['attributes']>>;
  },
);
export type ToxicSpec = Static<typeof ToxicSpec>;

export const toxicOf = ({ type }: ToxicSpec) => toxicKinds[type] as unknown as Toxic<never>;

/** Reports problems of a toxic beyond its schema. */
export const checkToxic = (toxic: ToxicSpec): Problem[] =>
  within('/attributes', toxicOf(toxic).check?.(toxic.attributes as never) ?? []);

/** Lets the bytes flow through the toxic until they end or it is interrupted. */
export const pipe = (toxic: ToxicSpec, stub: Stub): Promise<void> =>
  toxicOf(toxic).pipe(stub, toxic.attributes as never);
