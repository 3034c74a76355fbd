import type { Clock } from '#kit/clock.ts';
import { type LeasedFault, LeasedFaults } from '#kit/fault/leased-faults.ts';
import type { Problem } from '#kit/schema/problems.ts';
import { toxicsMax } from '#netproxy/config.ts';
import type { Proxies } from '#netproxy/proxies.ts';
import type { ToxicSpec } from '#netproxy/toxics.ts';
import { type NetworkFaultOptions, networkFaults, toxicsOf } from './config.ts';

interface ProxyFault extends LeasedFault<NetworkFaultOptions> {
  readonly target: string;
}

/**
 * Returns the faults of proxies: a fault adds toxics to a proxy or closes it. Clients of Toxiproxy's API may remove
 * these toxics or the proxy. The fault then lasts until its end, without effect.
 */
export function faultsOf(
  proxies: Proxies,
  clock: Clock,
  failed: (error: unknown) => void,
): LeasedFaults<NetworkFaultOptions, ProxyFault> {
  const proxyOf = ({ target }: ProxyFault) => proxies.all.find(({ name }) => name === target);
  const injection = {
    problems(fault: ProxyFault, replaced?: ProxyFault): Problem[] {
      const { target } = fault;
      const proxy = proxyOf(fault);
      const expected = proxies.all.map(({ name }) => name).join(' or ') || 'a proxy';
      if (!proxy) return [{ pointer: '/target', message: `expected ${expected}, got ${target}` }];
      const own = replaced?.target === target ? toxicsOf(replaced) : undefined;
      const others = proxy.toxics.filter((toxic) => !isAmong(toxic, own));
      const toxics = toxicsOf(fault) ?? [];
      const taken = toxics.find((toxic) => isAmong(toxic, others));
      const count = others.length + toxics.length;
      if (taken) return refusal(`${target} already has a toxic ${taken.name} from elsewhere`);
      return count > toxicsMax
        ? refusal(`expected at most ${toxicsMax} toxics on ${target}, got ${count}`)
        : [];
    },
    async begin(fault: ProxyFault) {
      const proxy = proxyOf(fault)!;
      const toxics = toxicsOf(fault);
      if (!toxics) await proxy.stop();
      else for (const toxic of toxics) proxy.addToxic(toxic);
    },
    async end(fault: ProxyFault, others: readonly ProxyFault[]) {
      const proxy = proxyOf(fault);
      const toxics = toxicsOf(fault);
      const isDown = others.some((other) => other.target === fault.target && !toxicsOf(other));
      if (!toxics && !isDown) await proxy?.start();
      for (const toxic of toxics ?? [])
        if (isAmong(toxic, proxy?.toxics)) await proxy?.removeToxic(toxic.name);
    },
    change: proxies.change,
  };
  return new LeasedFaults(networkFaults, injection, clock, failed);
}

const isAmong = ({ name }: ToxicSpec, toxics: readonly ToxicSpec[] = []): boolean =>
  toxics.some((toxic) => toxic.name === name);

const refusal = (message: string): Problem[] => [{ pointer: '', message }];
