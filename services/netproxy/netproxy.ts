import { systemClock } from '#kit/clock.ts';
import { exportFaults, faultRoutes } from '#kit/fault/leased-faults.ts';
import { parser, type ValidParts } from '#kit/schema/parser.ts';
import { type Problem, within } from '#kit/schema/problems.ts';
import { Type } from '#kit/schema/type.ts';
import type { Service, ServiceParts } from '#kit/service.ts';
import { wrongAddresses } from './address.ts';
import { api } from './api.ts';
import { NetproxyConfig } from './config.ts';
import { NetworkFaultOptions } from './faults/config.ts';
import { faultsOf } from './faults/network-faults.ts';
import { Proxies } from './proxies.ts';

interface NetproxyParts extends ServiceParts {
  /** If CONTROL_TOKEN is empty, proxies may listen only on loopback. */
  readonly env: { readonly CONTROL_TOKEN: string };
}

/**
 * Proxies connections and injects network faults, either with leases or through Toxiproxy's HTTP API. Throws
 * InvalidError.
 */
export async function netproxy({
  log,
  metrics,
  env,
  clock = systemClock,
  initial = {},
}: NetproxyParts): Promise<Service> {
  const mayListenAnywhere = env.CONTROL_TOKEN !== '';
  const parse = parser(NetproxyConfig, (valid) => problems(valid, mayListenAnywhere));
  let seed = 1;
  const proxies = new Proxies({ clock, seed: () => seed });
  metrics.gauge('spillway_proxy_connections', () =>
    proxies.all.map(({ name, connections }) => [{ proxy: name }, connections] as const),
  );
  const faults = faultsOf(proxies, clock, (err) => log.error({ err }, 'could not clear a fault'));
  exportFaults(metrics, () => [
    ...proxies.all.flatMap(({ name: target, toxics }) =>
      toxics.map(({ name, type }) => ({ name, target, kind: type })),
    ),
    ...faults
      .list()
      .filter(({ kind }) => kind === 'down')
      .map(({ name, target = '', kind }) => ({ name, target, kind })),
  ]);
  const current = (): NetproxyConfig => ({ seed, proxies: proxies.all.map((proxy) => proxy.toJSON()) });
  const use = async (config: NetproxyConfig) => {
    seed = config.seed;
    await proxies.replace(config.proxies);
  };
  const apply = (next: NetproxyConfig) =>
    proxies.change(async () => {
      const before = current();
      await use(next).catch(async (error) => {
        await use(before);
        throw error;
      });
    });
  await apply(parse(initial));
  return {
    name: 'netproxy',
    metrics,
    config: { current, parse, apply },
    unready: () => undefined,
    control(app) {
      const fields = { target: Type.String({ maxLength: 200 }), fault: NetworkFaultOptions };
      faultRoutes(app, fields, faults);
      app.register(async (scope) => api(scope, proxies, mayListenAnywhere));
    },
    async stop() {
      await proxies.stop();
      await faults.clear();
    },
  };
}

function problems({ proxies = [] }: ValidParts<NetproxyConfig>, mayListenAnywhere: boolean): Problem[] {
  return proxies.flatMap((proxy, index) => {
    if (!proxy) return [];
    const { toxics } = proxy;
    return within(`/proxies/${index}`, [
      ...wrongAddresses(proxy, mayListenAnywhere),
      ...takenName(proxies, index),
      ...toxics.flatMap((_toxic, at) => within(`/toxics/${at}`, takenName(toxics, at))),
    ]);
  });
}

const takenName = (all: readonly ({ readonly name: string } | undefined)[], index: number): Problem[] =>
  all.slice(0, index).some((one) => one?.name === all[index]?.name)
    ? [{ pointer: '/name', message: 'is taken' }]
    : [];
