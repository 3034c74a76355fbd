import type { Path } from '#kit/wire.ts';

/** Who makes attempts at downstream, on each path. */
export const callers = { rpc: 'gateway', event: 'consumer' } as const satisfies Record<Path, string>;

/** The services that a path leads through before downstream. */
export const servicesBefore = {
  rpc: ['gateway'],
  event: ['publisher', 'consumer'],
} as const satisfies Record<Path, readonly string[]>;

/** What a request passes on each path: services, and the hops between them. */
export const route: Record<Path, readonly string[]> = {
  rpc: ['load->gateway', 'gateway', 'gateway->downstream', 'downstream'],
  event: [
    'load->publisher',
    'publisher',
    'publisher->nats',
    'nats',
    'consumer->nats',
    'consumer',
    'consumer->downstream',
    'downstream',
  ],
};

/** Whether any variant is on a path: of no other experiment the broker and its clients are touched, or the gateway. */
export const hasPath = (
  { variants }: { variants: Readonly<Record<string, { path: Path }>> },
  path: Path,
): boolean => Object.values(variants).some((variant) => variant.path === path);
