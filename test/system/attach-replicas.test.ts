import { afterAll, expect, test } from 'vitest';
import { urlsIn } from '#kit/urls.ts';
import { withControl } from '#lab/testbed/control.ts';
import { engines } from '#lab/testbed/engines.ts';
import { startLocal } from '#lab/testbed/local/local.ts';
import type { Testbed } from '#lab/testbed/testbed.ts';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { folders } from '#test/support/folder.ts';
import { accountedEach, runText } from '#test/support/run-text.ts';

const newFolder = folders();
const two = { gateway: 2, publisher: 2, consumer: 2, downstream: 2 };
let starting: Promise<Testbed> | undefined;
afterAll(async () => (await starting)?.stop());

/** Starts a testbed with two processes of each service. Returns functions to attach to it, and to ask each process. */
async function replicated() {
  starting ??= startLocal({ logFolder: newFolder(), replicas: two });
  const { control, traffic, natsUrl, natsCredentials, controlToken } = await starting;
  const urls = {
    ...{ gateway: traffic.gateway, publisher: traffic.publisher, nats: natsUrl },
    ...Object.fromEntries(Object.entries(control).map(([name, url]) => [`${name}-control`, url])),
  };
  const ports = Object.entries(control).flatMap(([name, each]) =>
    urlsIn(each).map((url) => [name, url] as const),
  );
  const { start } = engines.attach({ urls, ownConsumer: false, natsCredentials, controlToken });
  return {
    control,
    put: (name: string, url: string, config: object) =>
      withControl(name, url, controlToken, (port) => port.configure(config)),
    configs: () =>
      Promise.all(ports.map(([name, url]) => withControl(name, url, controlToken, (port) => port.config()))),
    attach: (replicas: object) => {
      const variants = { rpc: onPath('rpc', 1000), event: onPath('event', 1000) };
      const downstream = { model: { kind: 'fixed', latencyMs: 10 } };
      return runText(countedExperiment({ replicas, load: constant(100, 500), downstream, variants }), start);
    },
  };
}

test('attach measures all replicas of a testbed, and leaves each as it was', async () => {
  const { attach, configs } = await replicated();
  const before = await configs();
  const [rpc, event] = accountedEach(await attach(two), 50);
  expect(rpc?.self.processes.map(({ name }) => name)).toEqual([
    'generator',
    'gateway-1',
    'gateway-2',
    'downstream-1',
    'downstream-2',
  ]);
  // Every count was compared, since none of the processes was restarted.
  for (const variant of [rpc, event])
    expect(variant?.ledger.checks.map(({ note }) => note).filter((note) => note !== '')).toEqual([]);
  expect(await configs()).toEqual(before);
});

test('attach refuses another number of replicas than the experiment has, and replicas that differ', async () => {
  const { attach, control, put, configs } = await replicated();
  const before = await configs();
  expect((await attach({ ...two, gateway: 1 })).errors).toMatchObject([{ name: 'replicas-differ' }]);
  expect(await configs()).toEqual(before);
  const [first = ''] = urlsIn(control.gateway!);
  await put('gateway', first, { policies: [{ timeout: { ms: 77 } }] });
  expect((await attach(two)).errors).toMatchObject([{ name: 'configs-differ' }]);
});
