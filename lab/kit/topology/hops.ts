/** Hops of a testbed, from the process that opens connections to the one that accepts them. */
export const hops = [
  'load->gateway',
  'load->publisher',
  'gateway->downstream',
  'publisher->nats',
  'consumer->nats',
  'consumer->downstream',
] as const;
export type Hop = (typeof hops)[number];

export const isHop = (target: string): target is Hop => hops.some((hop) => hop === target);

/** Returns the hops that faults target. Each of them has a proxy in every variant, for the whole run. */
export const affectedHops = (faults: readonly { readonly target: string }[]): Hop[] =>
  hops.filter((hop) => faults.some(({ target }) => target === hop));

export const proxyOf = (hop: Hop): string => hop.replace('->', '-');

/** Returns the process that accepts the connections of a hop. */
export const receiverOf = (hop: Hop): string => hop.slice(hop.indexOf('>') + 1);
