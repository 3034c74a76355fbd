import type { Static, TObject, TSchema } from 'typebox';
import type { FaultKind } from '#kit/fault/fault-kind.ts';
import type { LeasedFault } from '#kit/fault/leased-faults.ts';
import { documented, number, taggedKinds } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { streams, type ToxicSpec, toxicKinds } from '#netproxy/toxics.ts';

const common = {
  stream: Type.Enum([...streams, 'both'], {
    default: 'both',
    description:
      '`upstream` is along the hop, `downstream` is back. With `both`, a delay counts twice in a round trip.',
  }),
  toxicity: number(
    { above: 0, to: 1, default: 1 },
    'Share of connections that the fault affects, drawn by the seed.',
  ),
};

interface ToxicFault<O> extends Pick<FaultKind<TObject>, 'state'> {
  readonly stops?: (options: O) => boolean;
  /** Returns the toxic of a fault. Its attributes have no unit in their names. */
  readonly toxic: (options: O) => Pick<ToxicSpec, 'type' | 'attributes'>;
}

/** Makes a kind of fault from a toxic. The fault is for one direction of a connection or for both. */
const toxicFault = <P extends Record<string, TSchema>>(
  description: string,
  fields: P,
  kind: ToxicFault<Static<TObject<P>>>,
) => ({ options: documented(description, { ...fields, ...common }), ...kind });

/** Returns an attribute without its default, since the toxic's default would make no useful fault. */
function required<S extends TSchema>({ default: _, ...attribute }: S & { readonly default?: unknown }): S {
  return attribute as unknown as S;
}

const { latency, bandwidth, timeout, reset_peer } = toxicKinds;

export const networkFaults = {
  latency: toxicFault(
    'Bytes arrive later, in order.',
    { latencyMs: required(latency.attributes.latency), jitterMs: latency.attributes.jitter },
    {
      state: 'delayed',
      toxic: ({ latencyMs, jitterMs }) => ({
        type: 'latency',
        attributes: { latency: latencyMs, jitter: jitterMs },
      }),
    },
  ),
  bandwidth: toxicFault(
    'Limits bytes per second. A limit of 0 holds all bytes until the fault is cleared.',
    { kilobytesPerSecond: required(bandwidth.attributes.rate) },
    {
      state: 'narrowed',
      stops: ({ kilobytesPerSecond }) => kilobytesPerSecond === 0,
      toxic: ({ kilobytesPerSecond: rate }) => ({ type: 'bandwidth', attributes: { rate } }),
    },
  ),
  blackhole: toxicFault(
    'Drops all bytes of open connections, until the fault is cleared or `closeAfterMs` is over.',
    { closeAfterMs: timeout.attributes.timeout },
    {
      state: 'cut off',
      stops: () => true,
      toxic: ({ closeAfterMs }) => ({ type: 'timeout', attributes: { timeout: closeAfterMs } }),
    },
  ),
  reset: toxicFault(
    'Resets a connection `afterMs` after its first bytes arrive, or after one side ends its stream. The first bytes are lost.',
    { afterMs: reset_peer.attributes.timeout },
    {
      state: 'reset',
      stops: () => true,
      toxic: ({ afterMs }) => ({ type: 'reset_peer', attributes: { timeout: afterMs } }),
    },
  ),
  down: {
    options: documented('The port and all its connections are closed.', {}),
    state: 'down',
    exclusive: true,
    stops: () => true,
  } satisfies FaultKind<TObject>,
};

export const NetworkFaultOptions = taggedKinds(networkFaults);
export type NetworkFaultOptions = Static<typeof NetworkFaultOptions>;

/** Returns the toxics of a fault, one for each direction. Undefined if the fault closes the proxy. */
export function toxicsOf({ name, fault }: LeasedFault<NetworkFaultOptions>): ToxicSpec[] | undefined {
  if (fault.kind === 'down') return undefined;
  const { stream: chosen, toxicity } = fault;
  const added = (networkFaults[fault.kind] as ToxicFault<never>).toxic(fault as never);
  return streams
    .filter((stream) => chosen === 'both' || chosen === stream)
    .map((stream) => ({ name: `${name}_${stream}`, stream, toxicity, ...added }) as ToxicSpec);
}
