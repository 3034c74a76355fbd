import type { TObject } from 'typebox';
import { type Arrow, proxyOf } from '#lab/topology/connections.ts';
import { faultKinds } from '#netproxy/faults/config.ts';
import type { Kind } from './kind.ts';
import { leased } from './leased.ts';

const told = leased({
  port: ({ netproxy }) => netproxy,
  told: (target: Arrow) => ({ target: proxyOf(target) }),
});

/** Every fault of the network, which the proxy on an arrow brings about. */
export const network = Object.fromEntries(
  Object.entries(faultKinds).map(([name, kind]) => [
    name,
    // On an arrow that is down nothing else can be seen.
    { ...kind, shares: name !== 'down', ...told } satisfies Kind<TObject, Arrow>,
  ]),
) as unknown as { [K in keyof typeof faultKinds]: Kind<(typeof faultKinds)[K]['options'], Arrow> };
