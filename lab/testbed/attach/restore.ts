import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { purgeStreams } from '#kit/broker/broker.ts';
import { TestbedError } from '#lab/errors/testbed-error.ts';
import { openBroker } from '#lab/testbed/broker.ts';
import { Control } from '#lab/testbed/control.ts';
import type { Addresses } from '#lab/testbed/testbed.ts';
import { printable } from '#lab/text/printable.ts';

/** Run as a program, it restores what its stdin says: for a lab that was killed. */
export const restorer = fileURLToPath(import.meta.url);

/** How a testbed was before a run changed it. */
export interface Before extends Readonly<Pick<Addresses, 'controlToken' | 'natsUrl' | 'natsCredentials'>> {
  readonly services: readonly Configured[];
  /** The streams held nothing. */
  readonly emptied: boolean;
}

interface Configured {
  readonly name: string;
  /** Of the control port. */
  readonly url: string;
  readonly config: object;
}

/** Lets a service of that name do nothing until all is restored, where there is one. Rejects with TestbedError. */
export async function pause(before: Before, service: string): Promise<void> {
  for (const { name, url, config } of before.services)
    if (name === service) await configure(before, { name, url, config: { ...config, paused: true } });
}

/** Leaves a testbed as it was, as far as possible. Rejects with TestbedError that says what was not. */
export async function restore(before: Before): Promise<void> {
  const failures: string[] = [];
  const attempt = (doing: Promise<void>) => doing.catch(({ message }: Error) => void failures.push(message));
  if (before.emptied) {
    // What it has in hand would come back after the purge.
    await attempt(pause(before, 'consumer'));
    await attempt(purge(before));
  }
  await attempt(endFaults(before));
  await Promise.all(before.services.map((service) => attempt(configure(before, service))));
  if (failures.length > 0)
    throw new TestbedError('not-restored', `the testbed is not as it was: ${failures.join('; ')}`);
}

async function configure({ controlToken }: Before, { name, url, config }: Configured): Promise<void> {
  const port = new Control(name, url, controlToken);
  await port.configure(config).finally(() => port.close());
}

/** As long as for a new configuration: one that stands still answers late. */
const answerWithinMs = 60_000;

/** Whatever is in force is the run's, which began where nothing was. */
async function endFaults({ services, controlToken }: Before): Promise<void> {
  const { name, url } = services.find(({ name }) => name === 'downstream')!;
  const port = new Control(name, url, controlToken);
  await port.request('DELETE', '/faults', undefined, answerWithinMs).finally(() => port.close());
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
