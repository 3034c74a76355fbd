import type { TObject } from 'typebox';
import type { Clock } from '#kit/clock.ts';
import { type LeasedFault, LeasedFaults } from '#kit/fault/leased-faults.ts';
import type { Problem } from '#kit/schema/problems.ts';
import { toxicsMax } from '#netproxy/config.ts';
import type { Proxies } from '#netproxy/proxies.ts';
import type { TcpProxy } from '#netproxy/tcp-proxy.ts';
import type { ToxicSpec } from '#netproxy/toxics/kinds.ts';
import type { NetworkFault } from '#netproxy/toxics/toxic.ts';
import { type NetworkFaultOptions, networkFaults } from './config.ts';

/** A fault of the proxy that is its target. */
export interface ProxyFault extends LeasedFault<NetworkFaultOptions> {
  readonly target: string;
}

/** Its toxics; undefined if it closes the proxy. */
const toxicsOf = ({ name, fault }: ProxyFault): ToxicSpec[] | undefined =>
  (networkFaults[fault.kind] as unknown as NetworkFault<TObject>).toxics?.(name, fault) as ToxicSpec[];

const has = (proxy: TcpProxy, toxic: string): boolean => proxy.toxics.some(({ name }) => name === toxic);

/** Injects faults as toxics and closed proxies. Both can be changed through Toxiproxy's API, too. */
export function faultsOf(
  proxies: Proxies,
  clock: Clock,
  failed: (error: unknown) => void,
): LeasedFaults<NetworkFaultOptions, ProxyFault> {
  const proxyOf = ({ target }: ProxyFault) => proxies.all.find(({ name }) => name === target);
  const problems = (fault: ProxyFault, replaced?: ProxyFault): Problem[] => {
    const { target } = fault;
    const proxy = proxyOf(fault);
    const names = proxies.all.map(({ name }) => name).join(' or ');
    if (!proxy) return [{ pointer: '/target', message: `expected ${names || 'a proxy'}, got ${target}` }];
    const own = replaced?.target === target ? toxicsOf(replaced)?.map(({ name }) => name) : [];
    const others = proxy.toxics.filter(({ name }) => !own?.includes(name));
    const toxics = toxicsOf(fault) ?? [];
    const taken = toxics.find((toxic) => others.some(({ name }) => name === toxic.name));
    const count = others.length + toxics.length;
    if (taken) return refusal(`${target} already has a toxic ${taken.name} from elsewhere`);
    return count > toxicsMax
      ? refusal(`expected at most ${toxicsMax} toxics on ${target}, got ${count}`)
      : [];
  };
  return new LeasedFaults<NetworkFaultOptions, ProxyFault>(
    networkFaults,
    {
      problems,
      async begin(fault) {
        const proxy = proxyOf(fault)!;
        const toxics = toxicsOf(fault);
        if (toxics === undefined) await proxy.stop();
        else for (const toxic of toxics) proxy.addToxic(toxic);
      },
      async end(fault, others) {
        const proxy = proxyOf(fault);
        const toxics = toxicsOf(fault);
        const isDown = others.some((other) => other.target === fault.target && !toxicsOf(other));
        if (toxics === undefined && !isDown) await proxy?.start();
        for (const { name } of toxics ?? []) if (proxy && has(proxy, name)) await proxy.removeToxic(name);
      },
      isActive(fault) {
        const proxy = proxyOf(fault);
        if (!proxy) return false;
        return toxicsOf(fault)?.every(({ name }) => has(proxy, name)) ?? !proxy.enabled;
      },
      change: proxies.change,
    },
    clock,
    failed,
  );
}

const refusal = (message: string): Problem[] => [{ pointer: '', message }];
