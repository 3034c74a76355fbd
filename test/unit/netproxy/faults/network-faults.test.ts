import { expect, test } from 'vitest';
import { Metrics } from '#kit/metrics.ts';
import { VirtualClock } from '#kit/virtual-clock.ts';
import { faultsOf } from '#netproxy/faults/network-faults.ts';
import { Proxies } from '#netproxy/proxies.ts';

test('a fault whose lease ends behind the begin of another of its name leaves that one alone', async () => {
  const clock = new VirtualClock();
  const proxies = new Proxies({ clock, metrics: new Metrics(), seed: () => 1 });
  const faults = faultsOf(proxies, clock, (error) => expect.fail(String(error)));
  await proxies.add({ name: 'it', listen: '127.0.0.1:0', upstream: '127.0.0.1:1', enabled: false });
  const slow = { kind: 'latency', latencyMs: 5, jitterMs: 0, stream: 'both', toxicity: 1 } as const;
  await faults.begin({ name: 'slow', target: 'it', fault: slow }, 100);

  const underWay = Promise.withResolvers<void>();
  const changes = [
    proxies.change(() => underWay.promise),
    faults.begin({ name: 'slow', target: 'it', fault: { ...slow, latencyMs: 7 } }, 1000),
  ];
  await clock.advance(100);
  underWay.resolve();
  await Promise.all([...changes, proxies.change(() => undefined)]);
  expect(faults.list()).toMatchObject([{ name: 'slow', latencyMs: 7, leftMs: 1000 }]);
  await clock.advance(1000);
  await proxies.change(() => undefined);
  expect(faults.list()).toEqual([]);
});
