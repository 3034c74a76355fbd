import { faultRoutes } from '#kit/fault/leased-faults.ts';
import type { Service, ServiceParts } from '#kit/service.ts';
import { api } from './api.ts';
import { proxyFaultFields, proxying } from './proxying.ts';
import { tcp } from './tcp.ts';

interface NetproxyParts extends ServiceParts {
  /** If CONTROL_TOKEN is empty, proxies may listen only on loopback. */
  readonly env: { readonly CONTROL_TOKEN: string };
}

/**
 * Proxies connections and injects network faults, either with leases or through Toxiproxy's HTTP API. Throws
 * InvalidError.
 */
export async function netproxy({ env, initial = {}, ...parts }: NetproxyParts): Promise<Service> {
  const mayListenAnywhere = env.CONTROL_TOKEN !== '';
  const { proxies, faults, config } = proxying({ ...parts, network: tcp, mayListenAnywhere });
  await config.apply(config.parse(initial));
  return {
    name: 'netproxy',
    metrics: parts.metrics,
    config,
    unready: () => undefined,
    control(app) {
      faultRoutes(app, proxyFaultFields, faults);
      app.register(async (scope) => api(scope, proxies, mayListenAnywhere));
    },
    async stop() {
      await proxies.stop();
      await faults.clear();
    },
  };
}
