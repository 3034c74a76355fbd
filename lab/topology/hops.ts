/** Every hop of a testbed, from who opens the connections to who takes them. */
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

/** The hops that are harmed at some time: a proxy stands there in every variant, from beginning to end. */
export const affectedHops = (faults: readonly { readonly target: string }[]): Hop[] =>
  hops.filter((hop) => faults.some(({ target }) => target === hop));

/** What netproxy calls the proxy on a hop. */
export const proxyOf = (hop: Hop): string => hop.replace('->', '-');

/** Who takes the connections of a hop. */
export const receiverOf = (hop: Hop): string => hop.slice(hop.indexOf('>') + 1);
