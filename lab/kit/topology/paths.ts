import type { Path } from '#kit/wire.ts';

/** Service that calls downstream, on each path. */
export const callers = { rpc: 'gateway', event: 'consumer' } as const satisfies Record<Path, string>;

/** Services that a request passes before downstream, on each path. */
export const servicesBefore = {
  rpc: ['gateway'],
  event: ['publisher', 'consumer'],
} as const satisfies Record<Path, readonly string[]>;

/** Services and hops that a request passes on each path. */
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

export const hasPath = (
  { variants }: { variants: Readonly<Record<string, { path: Path }>> },
  path: Path,
): boolean => Object.values(variants).some((variant) => variant.path === path);
