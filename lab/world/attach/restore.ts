import { purgeStreams } from '#kit/broker/broker.ts';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';
import { openBroker } from '#lab/world/broker.ts';
import type { Addresses } from '#lab/world/testbed.ts';
import type { ConfigLeases } from './lease.ts';
import { eachProcess } from './replicas.ts';

/** A testbed that a run uses, and what the run changes in it. */
export interface Used extends Readonly<Pick<Addresses, 'controlToken' | 'natsUrl' | 'natsCredentials'>> {
  readonly services: Readonly<Record<string, string>>;
  readonly leases: ConfigLeases;
  /** True if the run may send events. */
  readonly events: boolean;
  /** True once the testbed is known to have no fault and no event, so that later ones are of the run. */
  isOwn: boolean;
}

/** Pauses the named service until the end of its lease, if the testbed has this service. Rejects with TestbedError. */
export async function pause(used: Used, name: string): Promise<void> {
  const urls = used.services[name];
  if (urls === undefined) return;
  await eachProcess(name, urls, used.controlToken, async (port) =>
    port.configure({ ...(await port.config()), paused: true }),
  );
}

/** Restores as much of a testbed as possible. Rejects with TestbedError that lists what could not be restored. */
export async function restore(used: Used): Promise<void> {
  const failures: string[] = [];
  const attempt = (doing: Promise<void>) => doing.catch(({ message }: Error) => void failures.push(message));
  if (used.isOwn && used.events) {
    // Without the pause, the consumer would return its events in flight to the stream after the purge.
    await attempt(pause(used, 'consumer'));
    await attempt(purge(used));
  }
  if (used.isOwn) await attempt(clearFaults(used));
  await used.leases.stopRenewing();
  const { load, ...others } = used.services;
  await Promise.all(Object.keys(others).map((name) => attempt(used.leases.end(name))));
  if (load !== undefined) await attempt(used.leases.end('load'));
  if (failures.length > 0)
    throw new TestbedError('not-restored', `the testbed could not be restored: ${failures.join('; ')}`);
}

/** Timeout of clearing the faults. It is as long as for a new configuration, since a paused process answers late. */
const answerWithinMs = 60_000;

/** Clears all faults. They are from the run, since the testbed had no faults before. */
const clearFaults = ({ services, controlToken }: Used): Promise<void> =>
  eachProcess('downstream', services.downstream!, controlToken, (port) =>
    port.request('DELETE', '/faults', undefined, answerWithinMs),
  );

async function purge(used: Used): Promise<void> {
  const broker = await openBroker(used);
  await purgeStreams(broker).finally(() => broker.close());
}
