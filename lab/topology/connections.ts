/** Every arrow of a testbed, from who opens the connections to who takes them. */
export const arrows = [
  'load->gateway',
  'load->publisher',
  'gateway->downstream',
  'publisher->nats',
  'consumer->nats',
  'consumer->downstream',
] as const;
export type Arrow = (typeof arrows)[number];

export const isArrow = (target: string): target is Arrow => arrows.some((arrow) => arrow === target);

/** The arrows that are harmed at some time: a proxy stands there in every variant, from beginning to end. */
export const harmedOf = (faults: readonly { readonly target: string }[]): Arrow[] =>
  arrows.filter((arrow) => faults.some(({ target }) => target === arrow));

/** What netproxy calls the proxy on an arrow. */
export const proxyOf = (arrow: Arrow): string => arrow.replace('->', '-');

/** Who takes the connections of an arrow. */
export const takerOf = (arrow: Arrow): string => arrow.slice(arrow.indexOf('>') + 1);
