import { pathToFileURL } from 'node:url';
import { type Clock, systemClock } from '#kit/clock.ts';
import { urlsIn } from '#kit/urls.ts';
import { type OpenClient, openClient } from './client.ts';
import type { Client } from './declared.d.ts';

/** Loads the module that the environment names. Undefined if it names none. Rejects if the module has no client. */
export async function clientOf(
  { CLIENT, DOWNSTREAM_URL }: { readonly CLIENT: string; readonly DOWNSTREAM_URL: string },
  clock: Clock = systemClock,
): Promise<OpenClient | undefined> {
  if (CLIENT === '') return undefined;
  const client = await loadClient(CLIENT);
  const url = `${urlsIn(DOWNSTREAM_URL)[0]}/work`;
  return () => openClient(client, { url, clock });
}

/** Loads a module and returns its default export. Rejects if that is no function. */
async function loadClient(path: string): Promise<Client> {
  const { default: client } = await import(pathToFileURL(path).href);
  if (typeof client !== 'function')
    throw new TypeError(`${path}: expected a function as default export, got ${typeof client}`);
  return client;
}
