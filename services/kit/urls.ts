/** What `urlsIn` takes, for a schema. */
export const httpUrls = '^http://[^,]+(,http://[^,]+)*$';

/** The URLs of all replicas of a service, which are written with commas between them. */
export const urlsIn = (urls: string): string[] => urls.split(',');
