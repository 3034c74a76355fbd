import type { TObject } from 'typebox';
import { type Hop, proxyOf } from '#lab/topology/hops.ts';
import { faultKinds } from '#netproxy/faults/config.ts';
import type { Kind } from './kind.ts';
import { leased } from './leased.ts';

const told = leased({
  port: ({ netproxy }) => netproxy,
  told: (target: Hop) => ({ target: proxyOf(target) }),
});

/** Every fault of the network, which the proxy on a hop brings about. */
export const network = Object.fromEntries(
  Object.entries(faultKinds).map(([name, kind]) => [
    name,
    // On a hop that is down nothing else can be seen.
    { ...kind, shares: name !== 'down', ...told } satisfies Kind<TObject, Hop>,
  ]),
) as unknown as { [K in keyof typeof faultKinds]: Kind<(typeof faultKinds)[K]['options'], Hop> };
