import { isIPv6 } from 'node:net';
import { shorten } from '#kit/shorten.ts';
import { refusals } from './refusal.ts';

/** Where to listen, or to connect to. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Reads `host:port`, with an IPv6 host in brackets; undefined when it is something else. A NUL would make connect() throw. */
export function parseAddress(text: string): Address | undefined {
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
  if (address === undefined) throw refusals.badBody(`${field}: expected host:port, got ${shorten(text)}`);
  return address;
}
