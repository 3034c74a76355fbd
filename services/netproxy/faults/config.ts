import type { Static, TNumber, TObject } from 'typebox';
import type { FaultKind } from '#kit/fault/fault-kind.ts';
import type { LeasedFault } from '#kit/fault/leased-faults.ts';
import { documented, number, strict, taggedKinds } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { type Stream, streams, type ToxicKinds, type ToxicSpec, toxicKinds } from '#netproxy/toxics.ts';

interface NetworkFault<S extends TObject> extends FaultKind<S> {
  /** Returns the toxics of a fault. Missing if the fault closes the proxy instead. */
  readonly toxics?: (name: string, options: object) => ToxicSpec[];
}

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
type Common = { readonly stream: Stream | 'both'; readonly toxicity: number };

type Numbers<O> = { readonly [K in keyof O]: number };

interface ToxicFault<O extends Record<string, string>> {
  readonly description: string;
  readonly state: string;
  /**
   * Toxic's attribute for each option of the fault. The names differ if the option's name includes a unit: `latencyMs`
   * for `latency`.
   */
  readonly options: O;
  /** Options without a default, since the toxic's default would make no useful fault. */
  readonly required?: readonly (keyof O)[];
  readonly stops?: (options: Numbers<O>) => boolean;
}

/** Makes a kind of fault from a toxic. The fault is for one direction of a connection or for both. */
function toxicFault<
  T extends keyof ToxicKinds,
  const O extends Record<string, keyof ToxicKinds[T]['attributes'] & string>,
>(
  type: T,
  { description, state, options, required = [], stops }: ToxicFault<O>,
): NetworkFault<TObject<{ [K in keyof O]: TNumber } & typeof common>> {
  const attributes: Record<string, object> = toxicKinds[type].attributes;
  const names = Object.entries(options);
  const fields = names.map(([name, attribute]) => {
    const { default: _, ...withoutDefault } = attributes[attribute] as { default?: number };
    return [name, required.includes(name) ? withoutDefault : attributes[attribute]];
  });
  const attributesOf = (own: object) =>
    Object.fromEntries(names.map(([name, attribute]) => [attribute, own[name as keyof typeof own]]));
  return {
    options: strict({ ...Object.fromEntries(fields), ...common }, { description }) as never,
    state,
    stops: (own) => stops?.(own as never) ?? false,
    toxics(name, own) {
      const { stream: chosen, toxicity } = own as Common;
      return streams
        .filter((stream) => chosen === 'both' || chosen === stream)
        .map((stream) => {
          const toxic = { name: `${name}_${stream}`, type, stream, toxicity, attributes: attributesOf(own) };
          return toxic as unknown as ToxicSpec;
        });
    },
  };
}

export const networkFaults = {
  latency: toxicFault('latency', {
    description: 'Bytes arrive later, in order.',
    state: 'delayed',
    options: { latencyMs: 'latency', jitterMs: 'jitter' },
    required: ['latencyMs'],
  }),
  bandwidth: toxicFault('bandwidth', {
    description: 'Limits bytes per second. A limit of 0 holds all bytes until the fault is cleared.',
    state: 'narrowed',
    options: { kilobytesPerSecond: 'rate' },
    required: ['kilobytesPerSecond'],
    stops: ({ kilobytesPerSecond }) => kilobytesPerSecond === 0,
  }),
  blackhole: toxicFault('timeout', {
    description: 'Drops all bytes of open connections, until the fault is cleared or `closeAfterMs` is over.',
    state: 'cut off',
    options: { closeAfterMs: 'timeout' },
    stops: () => true,
  }),
  reset: toxicFault('reset_peer', {
    description:
      'Resets a connection `afterMs` after its first bytes arrive, or after one side ends its stream. The first bytes are lost.',
    state: 'reset',
    options: { afterMs: 'timeout' },
    stops: () => true,
  }),
  down: {
    options: documented('The port and all its connections are closed.', {}),
    state: 'down',
    exclusive: true,
    stops: () => true,
  } satisfies NetworkFault<TObject>,
};

export const NetworkFaultOptions = taggedKinds(networkFaults);
export type NetworkFaultOptions = Static<typeof NetworkFaultOptions>;

/** Returns the toxics of a fault. Undefined if the fault closes the proxy. */
export const toxicsOf = ({ name, fault }: LeasedFault<NetworkFaultOptions>): ToxicSpec[] | undefined =>
  (networkFaults[fault.kind] as NetworkFault<never>).toxics?.(name, fault);
