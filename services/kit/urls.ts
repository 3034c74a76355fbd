export const httpUrls = '^http://[^,]+(,http://[^,]+)*$';

export const urlsIn = (urls: string): string[] => urls.split(',');

/** Returns the host and port of the first URL, in the form of a host header. */
export const hostIn = (urls: string): string => new URL(urlsIn(urls)[0]!).host;

export interface Address {
  readonly host: string;
  readonly port: number;
}

const defaultPorts: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443, 'nats:': 4222 };

export function addressOf(url: string): Address {
  const { protocol, hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port || defaultPorts[protocol]) };
}

export const addressesIn = (urls: string): Address[] => urlsIn(urls).map(addressOf);

/** Returns the first part of a path: `faults` for `/faults/slow`. */
export const resourceIn = (path: string): string => path.split(/[/?]/)[1] ?? '';

/**
 * Matches `//user:password@` up to the last @ of a URL, or up to the … with which `shorten` cut it off. The bound of
 * 1000 characters keeps the time for matching linear.
 */
const userinfo = /(?<!\/)\/\/(?!\/)(?:[^\s"]{0,1000}@|[^\s"/]{0,1000}…)/g;

export const withoutPasswords = (text: string): string => text.replaceAll(userinfo, '//…@');

/** True for a loopback address or `localhost`. Other host names are not looked up. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'));

const isIPv4 = (host: string): boolean =>
  /^\d{1,3}(\.\d{1,3}){3}$/.test(host) && host.split('.').every((part) => Number(part) <= 255);

export const isIP = (host: string): boolean => isIPv4(host) || host.includes(':');
