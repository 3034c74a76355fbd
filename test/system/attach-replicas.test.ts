import { expect, test } from 'vitest';
import { urlsIn } from '#kit/urls.ts';
import { withControl } from '#lab/world/control.ts';
import { engines } from '#lab/world/engines.ts';
import { startLocal } from '#lab/world/local/local.ts';
import { constant, countedExperiment, onPath } from '#test/fixtures/counted.ts';
import { testFolder } from '#test/support/folder.ts';
import { accountedEach, runText } from '#test/support/run-text.ts';

const replicas = { gateway: 2, publisher: 2, consumer: 2, downstream: 2 };

test('attach measures all replicas of a testbed, and leaves each as it was, also if they differ', async () => {
  await using stack = new AsyncDisposableStack();
  const testbed = await startLocal({ logFolder: testFolder(), replicas });
  stack.defer(() => testbed.stop());
  const { control, traffic, natsUrl, natsCredentials, controlToken } = testbed;
  const urls = {
    ...{ gateway: traffic.gateway, publisher: traffic.publisher, nats: natsUrl },
    ...Object.fromEntries(Object.entries(control).map(([name, url]) => [`${name}-control`, url])),
  };
  const ports = Object.entries(control).flatMap(([name, each]) =>
    urlsIn(each).map((url) => [name, url] as const),
  );
  const configs = () =>
    Promise.all(ports.map(([name, url]) => withControl(name, url, controlToken, (port) => port.config())));
  const { start } = engines.attach({ urls, ownConsumer: false, natsCredentials, controlToken });
  const text = countedExperiment({
    replicas,
    drainMs: 60_000,
    load: constant(100, 300),
    downstream: { model: { kind: 'fixed', latencyMs: 10 } },
    variants: { rpc: onPath('rpc', 60_000), event: onPath('event', 60_000) },
  });
  // A replica that differs from the others also returns to its own configuration.
  const changed = { policies: [{ timeout: { ms: 77 } }] };
  await withControl('gateway', urlsIn(control.gateway!)[0]!, controlToken, (port) => port.configure(changed));
  const before = await configs();
  const [rpc, event] = accountedEach(await runText(text, start), 30);
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
