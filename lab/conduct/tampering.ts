import { type CounterDeltas, deltas } from '#lab/evidence/counter-deltas.ts';
import { byLabel, type Samples } from '#lab/evidence/samples.ts';
import { plural } from '#lab/kit/text/format.ts';
import type { ServiceProcess } from '#lab/kit/topology/names.ts';
import { type ControlPort, type Controls, processesIn } from '#lab/world/controls.ts';

type Port = Pick<ControlPort, 'request' | 'config' | 'scrape' | 'sent'>;

interface Watched {
  readonly name: string;
  readonly port: Port;
  /** Number of changes that the lab made before the watch began, by resource. */
  readonly sentBefore: Port['sent'];
  /** Counters of netproxy at the start of the watch. Undefined for services, whose counters `CounterDeltas` has. */
  readonly samples?: Samples;
}

const metric = 'spillway_control_changes_total';

/** Resources whose changes don't affect figures. The lab's announcements go to `run`, and `lease` renews a lease. */
const harmless: ReadonlySet<string> = new Set(['run', 'lease']);

/** Watches for changes over the control ports that the lab did not make. Call it after the first scrape. */
export async function watchTampering(
  { netproxy, ...services }: Controls,
  counterDeltas: () => Pick<CounterDeltas, 'byProcess'>,
) {
  const faults = Array.from(services.downstream.processes, async ([name, port]) => {
    const active: { name: string }[] = JSON.parse(await port.request('GET', '/faults'));
    return active.map((fault) => `${name} was under the fault ${fault.name} before the load began`);
  });
  const findings = (await Promise.all(faults)).flat();
  const watched: Watched[] = processesIn(services).map(([name, port]) => ({
    name,
    port,
    sentBefore: new Map(port.sent),
  }));
  if (netproxy) {
    const samples = await netproxy.scrape([metric]);
    const { proxies } = (await netproxy.config()) as { proxies: Proxy[] };
    const isAffected = ({ enabled, toxics }: Proxy) => !enabled || toxics.length > 0;
    const affected = proxies.filter(isAffected).map(({ name }) => name);
    if (affected.length > 0)
      findings.push(`the proxies ${affected.join(', ')} were down or had toxics before the load began`);
    watched.push({ name: 'netproxy', port: netproxy, sentBefore: new Map(netproxy.sent), samples });
  }
  /** Returns all findings. Call it after the last scrape. */
  return async (): Promise<readonly string[]> => {
    const { byProcess } = counterDeltas();
    const counted = await Promise.all(watched.map((each) => changesOf(each, byProcess)));
    return [...findings, ...counted.flat()];
  };
}

/** Finds changes that the lab did not make. After a restart a process has counted fewer than the lab made. */
async function changesOf(
  { name, port, sentBefore, samples }: Watched,
  byProcess: CounterDeltas['byProcess'],
): Promise<string[]> {
  const counts = samples
    ? deltas([samples, await port.scrape([metric])])
    : (byProcess.get(name as ServiceProcess) ?? new Map<string, number>());
  return Object.entries(byLabel(counts, metric, 'resource')).flatMap(([resource, count]) => {
    const own = (port.sent.get(resource) ?? 0) - (sentBefore.get(resource) ?? 0);
    const others = count - own;
    if (others <= 0 || harmless.has(resource)) return [];
    return [`${plural(others, 'call')} from elsewhere changed ${resource} of ${name}`];
  });
}

interface Proxy {
  readonly name: string;
  readonly enabled: boolean;
  readonly toxics: readonly unknown[];
}
