/** `//user:password@`, to the last @ of a URL, or cut off by `shorten`. The bound keeps it linear. */
const userinfo = /(?<!\/)\/\/(?!\/)(?:[^\s"]{0,1000}@|[^\s"/]{0,1000}…)/g;

/** A text without what URLs in it say before their host. */
export const withoutPasswords = (text: string): string => text.replaceAll(userinfo, '//…@');
