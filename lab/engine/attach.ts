import { application } from '#lab/chaos/application.ts';
import type { FaultKind } from '#lab/chaos/kinds.ts';
import { commandLine } from '#lab/command-line.ts';
import { Control } from '#lab/control.ts';
import { InputError } from '#lab/input-error.ts';
import { Guard } from '#lab/process/guard.ts';
import { readState } from '#lab/state.ts';
import type { Engine } from './engines.ts';
import type { EngineOptions } from './options.ts';
import { type Addresses, serviceNames, type Testbed } from './testbed.ts';
import { unbreakable } from './unbreakable.ts';

/** A testbed that runs already: the one that is `up`, or given by URLs, or some of both. Throws InputError where a part is missing. */
export function attach(options: EngineOptions): Engine {
  const up = readState()?.addresses;
  const addresses = addressesOf(options, up);
  const replaced = options.ownConsumer ? up?.control.consumer : undefined;
  return {
    name: 'attach',
    faults: Object.keys(application) as FaultKind[],
    foreign: serviceNames.filter((name) => addresses.control[name] === undefined),
    start: () => attachTo(addresses, replaced),
  };
}

/** What is given comes before what is up. */
export function addressesOf(options: EngineOptions, up: Addresses | undefined): Addresses {
  const { urls, ownConsumer } = options;
  const control = { ...up?.control };
  // In the place of ours, and it has no control port unless one is given, too.
  if (urls.gateway !== undefined) delete control.gateway;
  if (urls.publisher !== undefined) delete control.publisher;
  if (ownConsumer) delete control.consumer;
  for (const name of serviceNames) {
    const url = urls[`${name}-control`];
    if (url !== undefined) control[name] = url;
  }
  const { downstream } = control;
  const gateway = urls.gateway ?? up?.traffic.gateway;
  const publisher = urls.publisher ?? up?.traffic.publisher;
  const natsUrl = urls.nats ?? up?.natsUrl;
  const needed = { 'downstream-control': downstream, gateway, publisher, nats: natsUrl };
  const missing = Object.entries(needed).flatMap(([part, url]) => (url === undefined ? [part] : []));
  if (!downstream || !gateway || !publisher || !natsUrl) {
    throw new InputError(
      `expected a testbed to attach to: start one with \`${commandLine(['up'])}\`, or say with --url where these are: ${missing.join(', ')}`,
    );
  }
  return {
    control: { ...control, downstream },
    traffic: { gateway, publisher },
    natsUrl,
    controlToken: options.controlToken ?? up?.controlToken,
    natsCredentials: options.natsCredentials ?? up?.natsCredentials,
  };
}

/** Remembers how the services are configured, to leave them as they were. Rejects with TestbedError when one does not answer. */
async function attachTo(addresses: Addresses, replaced: string | undefined): Promise<Testbed> {
  const { control, controlToken } = addresses;
  const ours = Object.entries({ ...control, ...(replaced && { 'replaced consumer': replaced }) });
  const before = await Promise.all(
    ours.map(async ([name, url]) => {
      const port = new Control(name, url, controlToken);
      return { name, port, config: JSON.parse(await port.request('GET', '/config')) };
    }),
  );
  // Two consumers would share the events.
  for (const { name, port, config } of before)
    if (name === 'replaced consumer') await port.configure({ ...config, paused: true });
  const guard = new Guard();
  return {
    ...addresses,
    ...unbreakable('an attached testbed is not ours to break'),
    guard,
    died: new Promise(() => undefined),
    async stop() {
      await Promise.all(
        before.map(async ({ port, config }) => {
          await port.configure(config).catch(() => undefined); // it may be gone by now
          await port.close();
        }),
      );
      await guard.release();
    },
  };
}
