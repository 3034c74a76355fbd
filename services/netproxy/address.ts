import { isIPv6 } from 'node:net';
import { isLoopback } from '#kit/process/env.ts';
import type { Problem } from '#kit/schema/problems.ts';
import { shorten } from '#kit/schema/shorten.ts';
import { badBody } from './refusal.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Reads `host:port`, with an IPv6 host in brackets; undefined if it is something else. A NUL would make connect() throw. */
function parseAddress(text: string): Address | undefined {
  const parts = /^(?:\[([^\]]*)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(text);
  if (parts === null || text.includes('\0')) return undefined;
  const port = Number(parts[3]);
  return port > 65_535 ? undefined : { host: parts[1] ?? parts[2]!, port };
}

export const formatAddress = ({ host, port }: Address): string =>
  isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;

/** Reads the address in a field. Throws Refusal. */
export function addressOf(field: string, text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) throw badBody(`${field}: ${expected('host:port', text)}`);
  return address;
}

/** Reports wrong addresses of a proxy. Without `mayListenAnywhere` it may only listen on loopback. */
export function wrongAddresses(
  { listen, upstream }: { readonly listen: string; readonly upstream: string },
  mayListenAnywhere: boolean,
): Problem[] {
  const here = parseAddress(listen);
  const wanted =
    here && !mayListenAnywhere && !isLoopback(here.host)
      ? 'a loopback address such as 127.0.0.1:0, unless CONTROL_TOKEN is set'
      : 'host:port';
  return [
    ...(here && wanted === 'host:port' ? [] : [{ pointer: '/listen', message: expected(wanted, listen) }]),
    ...(parseAddress(upstream) ? [] : [{ pointer: '/upstream', message: expected('host:port', upstream) }]),
  ];
}

const expected = (what: string, text: string): string => `expected ${what}, got ${shorten(text)}`;
