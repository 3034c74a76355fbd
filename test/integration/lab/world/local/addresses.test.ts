import { expect, test } from 'vitest';
import { LoopbackAddresses } from '#lab/world/local/addresses.ts';
import { startNetproxy } from '#test/support/proxied.ts';

class FixedAddresses extends LoopbackAddresses {
  readonly port: (name: string, kind: 'traffic' | 'control' | 'client') => number | undefined;

  constructor(port: FixedAddresses['port'], ...options: ConstructorParameters<typeof LoopbackAddresses>) {
    super(...options);
    this.port = port;
  }
}

const ports = { traffic: 1, control: 2, client: 3 };

test('placeProxies leads only the callers on hops with a proxy over netproxy', async () => {
  const { url, call } = await startNetproxy();
  const at = new FixedAddresses(
    (name, kind) => (name === 'netproxy' ? Number(new URL(url).port) : ports[kind]),
    ['load->gateway', 'gateway->downstream', 'consumer->nats'],
  );
  await at.placeProxies('downstream', 'nats', 'gateway', 'publisher');
  const { body } = await call('GET', '/proxies');
  const listens = (name: string, upstream: string): string => {
    expect(body[name].upstream).toBe(upstream);
    return body[name].listen;
  };
  const work = listens('gateway-downstream', '127.0.0.1:1');
  const broker = listens('consumer-nats', '127.0.0.1:3');
  const load = listens('load-gateway', '127.0.0.1:1');
  expect(Object.keys(body)).toHaveLength(3);
  expect(at.calledBy('gateway')).toEqual({ DOWNSTREAM_URL: `http://${work}` });
  const direct = { DOWNSTREAM_URL: 'http://127.0.0.1:1', NATS_URL: 'nats://127.0.0.1:3' };
  expect(at.calledBy('consumer')).toEqual({ ...direct, NATS_URL: `nats://${broker}` });
  expect(at.calledBy('publisher')).toEqual({ NATS_URL: direct.NATS_URL });
  expect(at.traffic).toMatchObject({ gateway: `http://${load}`, publisher: 'http://127.0.0.1:1' });
  // The lab itself connects directly, without a proxy.
  expect([at.natsUrl, at.control.gateway]).toEqual(['nats://127.0.0.1:3', 'http://127.0.0.1:2']);
});

test('LoopbackAddresses has a URL for each process of a service, also for those who call it', () => {
  const ports: Readonly<Record<string, number>> = {
    'downstream-1': 11,
    'downstream-2': 12,
    gateway: 2,
    nats: 3,
  };
  const at = new FixedAddresses((name) => ports[name], [], { downstream: 2, consumer: 2 });
  const urls = 'http://127.0.0.1:11,http://127.0.0.1:12';
  expect(at.processes('downstream', 'gateway')).toEqual(['downstream-1', 'downstream-2', 'gateway']);
  expect(at.calledBy('gateway')).toEqual({ DOWNSTREAM_URL: urls });
  expect(at.control).toMatchObject({ downstream: urls, gateway: 'http://127.0.0.1:2' });
  expect(at.traffic.downstream).toBe(urls);
});
