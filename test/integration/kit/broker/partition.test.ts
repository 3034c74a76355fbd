import { expect, onTestFinished, test } from 'vitest';
import { connectBroker, disconnectBroker } from '#kit/broker/connect.ts';
import { withNats } from '#test/support/nats.ts';
import { startNetproxy } from '#test/support/proxied.ts';
import { until } from '#test/support/until.ts';

const nats = withNats();

// Without help, the client waits for 20 s, even if its connection is closed before the greeting.
test('connectBroker connects soon after a network recovers that passed the greeting and swallowed the answer', {
  timeout: 15_000,
}, async () => {
  const upstream = new URL(nats.url).host;
  const { call, metric } = await startNetproxy({ proxies: [{ name: 'it', upstream }] });
  const { listen } = (await call('GET', '/proxies/it')).body;
  const hole = { kind: 'blackhole', stream: 'upstream' };
  await call('PUT', '/faults/hole', { leaseMs: 60_000, target: 'it', fault: hole });
  const connecting = connectBroker(`nats://${listen}`, 'test');
  const labels = `direction="upstream",proxy="it",listener="${listen}",upstream="${upstream}"`;
  await until(async () => (await metric(`toxiproxy_proxy_received_bytes_total{${labels}}`)) > 0);
  await call('DELETE', '/faults/hole');
  const broker = await connecting;
  onTestFinished(() => disconnectBroker(broker));
  await broker.flush();
  expect(broker.isClosed()).toBe(false);
});
