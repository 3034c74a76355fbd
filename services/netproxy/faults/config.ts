import type { Static, TObject } from 'typebox';
import type { FaultKind } from '#kit/fault/fault-kind.ts';
import { documented, taggedKinds } from '#kit/schema/schema.ts';
import { bandwidth } from '#netproxy/toxics/bandwidth.ts';
import { blackhole } from '#netproxy/toxics/blackhole.ts';
import { latency } from '#netproxy/toxics/latency.ts';
import { reset } from '#netproxy/toxics/reset.ts';
import type { Toxic } from '#netproxy/toxics/toxic.ts';

/** Faults of a hop. A new toxic needs a file and a line here. */
export const networkFaults = {
  latency,
  bandwidth,
  blackhole,
  reset,
  down: {
    options: documented('The port and all its connections are closed.', {}),
    state: 'down',
    exclusive: true,
    stops: () => true,
  } satisfies FaultKind<TObject>,
};

export const NetworkFaultOptions = taggedKinds(networkFaults);
export type NetworkFaultOptions = Static<typeof NetworkFaultOptions>;

/** Options of a fault that acts on bytes. */
export type ToxicOptions = Exclude<NetworkFaultOptions, { readonly kind: 'down' }>;

export const toxicOf = ({ kind }: ToxicOptions) => networkFaults[kind] as unknown as Toxic<TObject>;
