import { isIP } from 'node:net';
import { resolveName } from '#kit/http-client/replica-slots.ts';
import { addressOf, urlsIn } from '#kit/urls.ts';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';
import { plural } from '#lab/kit/text/format.ts';
import { type ServiceName, serviceNames } from '#lab/kit/topology/names.ts';
import type { Replicas } from '#lab/kit/topology/replicas.ts';
import { type Control, withControl } from '#lab/world/control.ts';
import type { Addresses } from '#lab/world/testbed.ts';

/** Returns a URL for each process: for a host name with several addresses, one for each address. */
export async function processUrls(urls: string, resolve = resolveName): Promise<string[]> {
  const each = urlsIn(urls).map(async (url) => {
    const { host } = addressOf(url);
    // If the name is unknown, connecting fails, and its error says so.
    const addresses = isIP(host) === 0 ? await resolve(host).catch(() => []) : [];
    return addresses.length > 1 ? addresses.toSorted().map((address) => withHost(url, address)) : [url];
  });
  return (await Promise.all(each)).flat();
}

function withHost(url: string, host: string): string {
  const changed = new URL(url);
  changed.hostname = host;
  return changed.origin;
}

/** Calls `act` for each process that a service has now, with its control port and URL. Rejects with TestbedError. */
export async function eachProcess(
  name: string,
  urls: string,
  token: string | undefined,
  act: (port: Control, url: string) => Promise<unknown>,
): Promise<void> {
  const all = (await processUrls(urls)).map((url) => withControl(name, url, token, (port) => act(port, url)));
  await Promise.all(all);
}

/** Repeats a URL for each address of its host name. */
async function repeated(urls: string, resolve = resolveName): Promise<string> {
  const each = urlsIn(urls).map(async (url) => (await processUrls(url, resolve)).map(() => url));
  return (await Promise.all(each)).flat().join(',');
}

/**
 * Returns the addresses with the URL of each of Spillway's services once for each replica. Rejects with TestbedError if
 * a service has another number of replicas than the experiment says.
 */
export async function withReplicas(
  addresses: Addresses,
  replicas: Replicas,
  resolve = resolveName,
): Promise<Addresses> {
  const { downstream, ...others } = addresses.control;
  const control = { ...others, downstream: await repeated(downstream, resolve) };
  const traffic = { ...addresses.traffic };
  for (const name of ['gateway', 'publisher', 'consumer'] as const) {
    const url = others[name];
    if (url === undefined) continue;
    control[name] = await repeated(url, resolve);
    if (name === 'consumer') continue;
    // Only of Spillway's own services, since the name of another may have several addresses for other reasons.
    traffic[name] = await repeated(traffic[name], resolve);
    requireCount(name, replicas, traffic[name]);
  }
  for (const name of serviceNames) requireCount(name, replicas, control[name]);
  return { ...addresses, control, traffic };
}

function requireCount(name: ServiceName, replicas: Replicas, urls: string | undefined): void {
  const [count, expected] = [urls === undefined ? 1 : urlsIn(urls).length, replicas[name]];
  if (count === expected) return;
  const message = `expected ${plural(expected, 'replica')} of ${name}, as in the experiment, got ${count}: set \`replicas: { ${name}: ${count} }\` in it, or start as many`;
  throw new TestbedError('replicas-differ', message);
}
