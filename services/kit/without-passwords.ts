/** `//user:password@`, up to the last @ of a URL, or cut off by `shorten`. The bound keeps matching linear. */
const userinfo = /(?<!\/)\/\/(?!\/)(?:[^\s"]{0,1000}@|[^\s"/]{0,1000}…)/g;

/** Returns a text without the credentials of the URLs in it. */
export const withoutPasswords = (text: string): string => text.replaceAll(userinfo, '//…@');
