import { isIPv6 } from 'node:net';
import { isLoopback } from '#kit/process/env.ts';
import { shorten } from '#kit/schema/shorten.ts';
import { refusals } from './refusal.ts';

/** Where to listen, or to connect to. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Reads `host:port`, with an IPv6 host in brackets; undefined when it is something else. A NUL would make connect() throw. */
function parseAddress(text: string): Address | undefined {
  const parts = /^(?:\[([^\]]*)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(text);
  if (parts === null || text.includes('\0')) return undefined;
  const port = Number(parts[3]);
  return port > 65_535 ? undefined : { host: parts[1] ?? parts[2]!, port };
}

export const formatAddress = ({ host, port }: Address): string =>
  isIPv6(host) ? `[${host}]:${port}` : `${host}:${port}`;

/** The address that a field has. Throws Refusal when it is none. */
export function addressOf(field: string, text: string): Address {
  const address = parseAddress(text);
  if (address === undefined) throw refusals.badBody(`${field}: ${expected('host:port', text)}`);
  return address;
}

/** Returns the wrong addresses of a proxy. Without `mayListenAnywhere` it may only listen on loopback. */
export function wrongAddresses(
  { listen, upstream }: { readonly listen: string; readonly upstream: string },
  mayListenAnywhere: boolean,
): { field: 'listen' | 'upstream'; message: string }[] {
  const wrong = Object.entries({ listen, upstream })
    .filter(([, text]) => parseAddress(text) === undefined)
    .map(([field, text]) => ({
      field: field as 'listen' | 'upstream',
      message: expected('host:port', text),
    }));
  const here = parseAddress(listen);
  if (here === undefined || mayListenAnywhere || isLoopback(here.host)) return wrong;
  const loopback = 'a loopback address such as 127.0.0.1:0, unless CONTROL_TOKEN is set';
  return [{ field: 'listen', message: expected(loopback, listen) }, ...wrong];
}

const expected = (what: string, text: string): string => `expected ${what}, got ${shorten(text)}`;
