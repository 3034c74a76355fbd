/** What `urlsIn` takes, for a schema. */
export const httpUrls = '^http://[^,]+(,http://[^,]+)*$';

/** The URLs of all replicas of a service, which are written with commas between them. */
export const urlsIn = (urls: string): string[] => urls.split(',');

/** What the host header says: the first of several, as for whoever calls one service by one name. */
export const hostIn = (urls: string): string => new URL(urlsIn(urls)[0]!).host;

/** Where a socket connects to; an IPv6 address without brackets. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

const defaultPorts: Readonly<Record<string, number>> = { 'http:': 80, 'nats:': 4222 };

/** Where the URL of a service or a broker leads. */
export function addressOf(url: string): Address {
  const { protocol, hostname, port } = new URL(url);
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port || defaultPorts[protocol]) };
}

/** Where those of all replicas lead. */
export const addressesIn = (urls: string): Address[] => urlsIn(urls).map(addressOf);

/** The first part of a path: `faults` in `/faults/slow`. */
export const resourceIn = (path: string): string => path.split(/[/?]/)[1] ?? '';

/** `//user:password@`, up to the last @ of a URL, or cut off by `shorten`. The bound keeps matching linear. */
const userinfo = /(?<!\/)\/\/(?!\/)(?:[^\s"]{0,1000}@|[^\s"/]{0,1000}…)/g;

/** Returns a text without the credentials of the URLs in it. */
export const withoutPasswords = (text: string): string => text.replaceAll(userinfo, '//…@');
