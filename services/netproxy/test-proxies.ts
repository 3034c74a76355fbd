import type { AddressInfo } from 'node:net';
import { systemClock } from '#kit/clock.ts';
import { createApp } from '#kit/http/app.ts';
import { createLog } from '#kit/log.ts';
import { Metrics } from '#kit/metrics.ts';
import { formatAddress } from './address.ts';
import { api, proxyReader, readToxic } from './api.ts';
import type { Netproxy, NetproxyOptions, Proxy as TestProxy } from './declared.d.ts';
import { Proxies } from './proxies.ts';
import { tcp } from './tcp.ts';
import type { TcpProxy } from './tcp-proxy.ts';

// This is the export `spillway/netproxy`, for tests. `declared.d.ts` describes it.

const readProxy = proxyReader(false);

export async function startNetproxy({ port = 0, seed = 1 }: NetproxyOptions = {}): Promise<Netproxy> {
  const proxies = new Proxies({ clock: systemClock, metrics: new Metrics(), network: tcp, seed: () => seed });
  const app = createApp(createLog('netproxy', 'silent'));
  app.register((scope, _options, done) => {
    api(scope, proxies, false);
    done();
  });
  await app.listen({ host: '127.0.0.1', port });
  const address = app.server.address() as AddressInfo;
  const close = async () => {
    await proxies.stop();
    await app.close();
  };
  return {
    url: `http://${formatAddress({ host: address.address, port: address.port })}`,
    create: async (fields) => proxyOf(await proxies.change(() => proxies.add(readProxy(fields))), proxies),
    reset: () => proxies.change(() => proxies.reset()),
    close,
    [Symbol.asyncDispose]: close,
  };
}

function proxyOf(proxy: TcpProxy, proxies: Proxies): TestProxy {
  const { name } = proxy;
  const change = <T>(act: () => T | Promise<T>): Promise<T> =>
    proxies.change(() => {
      proxies.refuseRemoved(proxy);
      return act();
    });
  return {
    name,
    get listen() {
      return proxy.toJSON().listen;
    },
    get enabled() {
      return proxy.enabled;
    },
    get connections() {
      return proxy.connections;
    },
    get toxics() {
      return proxy.toxics;
    },
    addToxic: (toxic) =>
      change(() => {
        const spec = readToxic(toxic);
        proxy.addToxic(spec);
        return spec;
      }),
    removeToxic: (toxic) => change(() => proxy.removeToxic(toxic)),
    enable: () => change(() => proxy.start()),
    disable: () => change(() => proxy.stop()),
    remove: () => change(() => proxies.remove(name)),
  };
}
