import { pathToFileURL } from 'node:url';
import { type Clock, systemClock } from '#kit/clock.ts';
import { urlsIn } from '#kit/urls.ts';
import { exportedClient, type OpenClient, openClient } from './client.ts';

/** Loads the module that the environment names. Undefined if it names none. Rejects if the module has no client. */
export async function clientOf(
  { CLIENT, DOWNSTREAM_URL }: { readonly CLIENT: string; readonly DOWNSTREAM_URL: string },
  clock: Clock = systemClock,
): Promise<OpenClient | undefined> {
  if (CLIENT === '') return undefined;
  const client = exportedClient(await import(pathToFileURL(CLIENT).href), CLIENT);
  const url = `${urlsIn(DOWNSTREAM_URL)[0]}/work`;
  return () => openClient(client, url, clock);
}
