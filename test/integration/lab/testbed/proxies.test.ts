import { expect, test } from 'vitest';
import { OnLoopback } from '#lab/testbed/local/addresses.ts';
import { Proxies } from '#lab/testbed/proxies.ts';
import { startNetproxy } from '#test/support/proxied.ts';

const ports = { traffic: 1, control: 2, client: 3 };

test('Proxies lead those alone over netproxy who call on a hop with one', async () => {
  const { url, call } = await startNetproxy();
  const proxies = new Proxies(['load->gateway', 'gateway->downstream', 'consumer->nats']);
  const at = new OnLoopback((_name, kind) => ports[kind], proxies);
  await proxies.put(url, at.taken('downstream', 'nats', 'gateway', 'publisher'));
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
  // The lab itself goes no detour.
  expect([at.natsUrl, at.control.gateway]).toEqual(['nats://127.0.0.1:3', 'http://127.0.0.1:2']);
});

test('OnLoopback has a URL for each process of a service, also for those who call it', () => {
  const ports: Readonly<Record<string, number>> = {
    'downstream-1': 11,
    'downstream-2': 12,
    gateway: 2,
    nats: 3,
  };
  const at = new OnLoopback((name) => ports[name], new Proxies([]), { downstream: 2, consumer: 2 });
  const urls = 'http://127.0.0.1:11,http://127.0.0.1:12';
  expect(at.processes('downstream', 'gateway')).toEqual(['downstream-1', 'downstream-2', 'gateway']);
  expect(at.calledBy('gateway')).toEqual({ DOWNSTREAM_URL: urls });
  expect(at.control).toMatchObject({ downstream: urls, gateway: 'http://127.0.0.1:2' });
  expect(at.traffic.downstream).toBe(urls);
});
