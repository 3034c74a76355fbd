import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { purgeStreams } from '#kit/broker/broker.ts';
import { TestbedError } from '#lab/errors/testbed-error.ts';
import { openBroker } from '#lab/testbed/broker.ts';
import { withControl } from '#lab/testbed/control.ts';
import type { Addresses } from '#lab/testbed/testbed.ts';
import { printable } from '#lab/text/printable.ts';

/** Path of this file. Run as a program, it restores the testbed that stdin describes, after a lab was killed. */
export const restorer = fileURLToPath(import.meta.url);

/** State of a testbed before a run. */
export interface Before extends Readonly<Pick<Addresses, 'controlToken' | 'natsUrl' | 'natsCredentials'>> {
  readonly services: readonly Configured[];
  /** True if the streams were checked to be empty. */
  readonly emptied: boolean;
}

interface Configured {
  readonly name: string;
  /** URL of the control port. */
  readonly url: string;
  readonly config: object;
}

/** Pauses the named service, if the testbed has it, until `restore`. Rejects with TestbedError. */
export async function pause(before: Before, service: string): Promise<void> {
  for (const { name, url, config } of before.services)
    if (name === service) await configure(before, { name, url, config: { ...config, paused: true } });
}

/** Restores a testbed as far as possible. Rejects with TestbedError that lists what was not restored. */
export async function restore(before: Before): Promise<void> {
  const failures: string[] = [];
  const attempt = (doing: Promise<void>) => doing.catch(({ message }: Error) => void failures.push(message));
  if (before.emptied) {
    // An unpaused consumer would return its events in flight to the stream after the purge.
    await attempt(pause(before, 'consumer'));
    await attempt(purge(before));
  }
  await attempt(clearFaults(before));
  await Promise.all(before.services.map((service) => attempt(configure(before, service))));
  if (failures.length > 0)
    throw new TestbedError('not-restored', `the testbed could not be restored: ${failures.join('; ')}`);
}

const configure = ({ controlToken }: Before, { name, url, config }: Configured): Promise<void> =>
  withControl(name, url, controlToken, (port) => port.configure(config));

/** Timeout as for a new configuration, since a paused process answers late. */
const answerWithinMs = 60_000;

/** Clears all faults. All are from the run, since the testbed had none before. */
async function clearFaults({ services, controlToken }: Before): Promise<void> {
  const { name, url } = services.find(({ name }) => name === 'downstream')!;
  await withControl(name, url, controlToken, (port) =>
    port.request('DELETE', '/faults', undefined, answerWithinMs),
  );
}

async function purge(before: Before): Promise<void> {
  const broker = await openBroker(before);
  await purgeStreams(broker).finally(() => broker.close());
}

if (import.meta.main) {
  await restore(JSON.parse(await text(process.stdin))).catch(({ message }: Error) => {
    process.stderr.write(`${printable(message)}\n`);
    process.exitCode = 1;
  });
}
