import { parseJson } from '#kit/json.ts';
import { shorten } from '#kit/schema/shorten.ts';
import { interfaceVersion } from '#kit/wire.ts';
import { TestbedError } from '#lab/experiment/errors/testbed-error.ts';
import type { Control } from '#lab/world/control.ts';

/** Rejects with TestbedError if the HTTP interface of a service has another version than the lab's. */
export async function refuseOtherVersion(
  name: string,
  url: string,
  port: Pick<Control, 'request'>,
): Promise<void> {
  const text = await port.request('GET', '/healthz');
  const version = (parseJson(text) as { version?: unknown } | undefined)?.version;
  if (version === interfaceVersion) return;
  const message = `expected version ${shorten(interfaceVersion)} of Spillway's HTTP interface of ${name} at ${url}, got ${shorten(version)}: run the lab and all services from the same version of Spillway`;
  throw new TestbedError('version-differs', message);
}
