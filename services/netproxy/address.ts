import type { Problem } from '#kit/schema/problems.ts';
import { shorten } from '#kit/schema/shorten.ts';
import { type Address, isLoopback } from '#kit/urls.ts';

/**
 * Parses `host:port`, with an IPv6 host in brackets. Undefined if invalid. A NUL byte is invalid, since connect() would
 * throw.
 */
export function parseAddress(text: string): Address | undefined {
  const parts = /^(?:\[([^\]]*)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(text);
  if (parts === null || text.includes('\0')) return undefined;
  const port = Number(parts[3]);
  return port > 65_535 ? undefined : { host: parts[1] ?? parts[2]!, port };
}

export const formatAddress = ({ host, port }: Address): string =>
  host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;

/** Reports invalid addresses of a proxy. Unless `mayListenAnywhere` is true, the listen address must be loopback. */
export function wrongAddresses(
  { listen, upstream }: { readonly listen: string; readonly upstream: string },
  mayListenAnywhere: boolean,
): Problem[] {
  const problem = (pointer: string, expected: string, text: string): Problem[] => [
    { pointer, message: `expected ${expected}, got ${shorten(text)}` },
  ];
  const here = parseAddress(listen);
  const isExposed = here && !mayListenAnywhere && !isLoopback(here.host);
  const expected = isExposed
    ? 'a loopback address such as 127.0.0.1:0, unless CONTROL_TOKEN is set'
    : 'host:port';
  return [
    ...(here && !isExposed ? [] : problem('/listen', expected, listen)),
    ...(parseAddress(upstream) ? [] : problem('/upstream', 'host:port', upstream)),
  ];
}
