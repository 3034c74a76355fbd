import { purgeStreams } from '#kit/broker/broker.ts';
import { TestbedError } from '#lab/errors/testbed-error.ts';
import { openBroker } from '#lab/testbed/broker.ts';
import { type Control, withControl } from '#lab/testbed/control.ts';
import type { Addresses } from '#lab/testbed/testbed.ts';
import { processUrls } from './replicas.ts';

/** State of a testbed before a run. */
export interface Before extends Readonly<Pick<Addresses, 'controlToken' | 'natsUrl' | 'natsCredentials'>> {
  readonly services: readonly Configured[];
  /** True if the streams are known to have been empty. */
  readonly emptied: boolean;
}

interface Configured {
  readonly name: string;
  /** URL of the control port, or of those of all replicas, which have the same configuration. */
  readonly url: string;
  readonly config: object;
}

/** Pauses the named service until `restore`, if the testbed has this service. Rejects with TestbedError. */
export async function pause(before: Before, service: string): Promise<void> {
  for (const { name, url, config } of before.services)
    if (name === service) await configure(before, { name, url, config: { ...config, paused: true } });
}

/** Restores as much of a testbed as possible. Rejects with TestbedError that lists what could not be restored. */
export async function restore(before: Before): Promise<void> {
  const failures: string[] = [];
  const attempt = (doing: Promise<void>) => doing.catch(({ message }: Error) => void failures.push(message));
  if (before.emptied) {
    // Without the pause, the consumer would return its events in flight to the stream after the purge.
    await attempt(pause(before, 'consumer'));
    await attempt(purge(before));
  }
  await attempt(clearFaults(before));
  await Promise.all(before.services.map((service) => attempt(configure(before, service))));
  if (failures.length > 0)
    throw new TestbedError('not-restored', `the testbed could not be restored: ${failures.join('; ')}`);
}

const configure = (before: Before, { name, url, config }: Configured): Promise<void> =>
  eachProcess(before, name, url, (port) => port.configure(config));

/** Calls `act` for each process that a service has now. */
async function eachProcess(
  { controlToken }: Before,
  name: string,
  urls: string,
  act: (port: Control) => Promise<unknown>,
): Promise<void> {
  const all = (await processUrls(urls)).map((url) => withControl(name, url, controlToken, act));
  await Promise.all(all);
}

/** Timeout of clearing the faults. It is as long as for a new configuration, since a paused process answers late. */
const answerWithinMs = 60_000;

/** Clears all faults. They are from the run, since the testbed had no faults before. */
async function clearFaults(before: Before): Promise<void> {
  const { name, url } = before.services.find(({ name }) => name === 'downstream')!;
  await eachProcess(before, name, url, (port) =>
    port.request('DELETE', '/faults', undefined, answerWithinMs),
  );
}

async function purge(before: Before): Promise<void> {
  const broker = await openBroker(before);
  await purgeStreams(broker).finally(() => broker.close());
}
