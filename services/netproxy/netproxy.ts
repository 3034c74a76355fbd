import { systemClock } from '#kit/clock.ts';
import { exportFaults, faultRoutes, type LeasedFault, LeasedFaults } from '#kit/fault/leased-faults.ts';
import { type Problem, refuse, within } from '#kit/schema/problems.ts';
import { Type } from '#kit/schema/type.ts';
import { configParser, type ValidParts } from '#kit/schema/valid-parts.ts';
import type { Service, ServiceParts } from '#kit/service.ts';
import { wrongAddresses } from './address.ts';
import { NetproxyConfig, ProxySpec } from './config.ts';
import { NetworkFaultOptions, networkFaults } from './faults/config.ts';
import { Proxies } from './proxies.ts';

interface NetproxyParts extends ServiceParts {
  /** If CONTROL_TOKEN is empty, proxies may listen only on loopback. */
  readonly env: { readonly CONTROL_TOKEN: string };
}

interface ProxyFault extends LeasedFault<NetworkFaultOptions> {
  readonly target: string;
}

/** Proxies connections, and injects network faults with leases. Throws InvalidError. */
export async function netproxy({
  log,
  metrics,
  env,
  clock = systemClock,
  initial = {},
}: NetproxyParts): Promise<Service> {
  const mayListenAnywhere = env.CONTROL_TOKEN !== '';
  const parse = configParser(NetproxyConfig, (valid) => problems(valid, mayListenAnywhere));
  let seed = 1;
  const proxies = new Proxies({ clock, seed: () => seed });
  metrics.gauge('spillway_proxy_connections', () =>
    proxies.all.map(({ name, connections }) => [{ proxy: name }, connections] as const),
  );
  const faults = new LeasedFaults<NetworkFaultOptions, ProxyFault>(
    networkFaults,
    faultsOf(proxies),
    clock,
    (err) => log.error({ err }, 'could not clear a fault'),
  );
  exportFaults(metrics, () => faults.list().map(({ name, target = '', kind }) => ({ name, target, kind })));
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
      app.post<{ Body: ProxySpec }>('/proxies', { schema: { body: ProxySpec } }, ({ body }) => {
        refuse(wrongAddresses(body, mayListenAnywhere));
        return proxies.change(() => proxies.add(body));
      });
    },
    async stop() {
      await proxies.stop();
      await faults.clear();
    },
  };
}

/** Returns the actions of faults on proxies. A fault whose proxy is replaced lasts until its end, without effect. */
const faultsOf = (proxies: Proxies) => ({
  problems({ target }: ProxyFault): Problem[] {
    if (proxies.find(target)) return [];
    const expected = proxies.all.map(({ name }) => name).join(' or ') || 'a proxy';
    return [{ pointer: '/target', message: `expected ${expected}, got ${target}` }];
  },
  async begin({ name, target, fault }: ProxyFault) {
    const proxy = proxies.find(target)!;
    if (fault.kind === 'down') await proxy.stop();
    else proxy.addToxic(name, fault);
  },
  async end({ name, target, fault }: ProxyFault, others: readonly ProxyFault[]) {
    const proxy = proxies.find(target);
    const isDown = others.some((other) => other.target === target && other.fault.kind === 'down');
    if (fault.kind !== 'down') await proxy?.removeToxic(name);
    else if (!isDown) await proxy?.start();
  },
  change: proxies.change,
});

function problems({ proxies = [] }: ValidParts<NetproxyConfig>, mayListenAnywhere: boolean): Problem[] {
  return proxies.flatMap((proxy, index) => {
    if (!proxy) return [];
    const isTaken = proxies.slice(0, index).some((one) => one?.name === proxy.name);
    return within(`/proxies/${index}`, [
      ...wrongAddresses(proxy, mayListenAnywhere),
      ...(isTaken ? [{ pointer: '/name', message: 'is taken' }] : []),
    ]);
  });
}
