import { type CounterDeltas, deltas } from '#lab/evidence/counter-deltas.ts';
import { type Samples, total } from '#lab/evidence/samples.ts';
import type { Control, Controls } from '#lab/testbed/control.ts';
import { changedKeys } from '#lab/text/flatten.ts';
import { plural } from '#lab/text/format.ts';
import type { ServiceProcess } from '#lab/topology/names.ts';

type Port = Pick<Control, 'request' | 'config' | 'scrape' | 'sent' | 'configured'>;

interface Watched {
  readonly name: string;
  readonly port: Port;
  /** Number of changes that the lab had sent when watching began, by resource. */
  readonly sentBefore: Port['sent'];
  /** The configuration that the lab found; of a service it is the one that the lab has set. */
  readonly found?: object;
  /** The netproxy's, which `CounterDeltas` doesn't follow. */
  readonly samples?: Samples;
}

const metric = 'spillway_control_changes_total';

/** Resources that don't affect figures: the announcements of the run. */
const harmless: ReadonlySet<string> = new Set(['run']);

/** Finds changes over the control ports, while a variant runs, that are not the lab's own. */
export class Tampering {
  readonly #controls: Controls;
  readonly #counterDeltas: () => Pick<CounterDeltas, 'byProcess'>;
  readonly #findings: string[] = [];
  #watched: readonly Watched[] = [];

  constructor(controls: Controls, counterDeltas: () => Pick<CounterDeltas, 'byProcess'>) {
    this.#controls = controls;
    this.#counterDeltas = counterDeltas;
  }

  /** Begins to watch; call it after the first scrape. */
  async begin(): Promise<void> {
    const { netproxy, downstream, gateway, publisher, consumer } = this.#controls;
    this.#watched = [downstream, gateway, publisher, consumer].flatMap(({ processes }) =>
      Array.from(processes, ([name, port]) => ({ name, port, sentBefore: new Map(port.sent) })),
    );
    await Promise.all([...downstream.processes].map(([name, port]) => this.#refuseFaults(name, port)));
    if (!netproxy) return;
    await this.#refuseFaults('netproxy', netproxy);
    const [found, samples] = [await netproxy.config(), await netproxy.scrape([metric])];
    const isAffected = ({ enabled, toxics }: Proxy) => !enabled || toxics.length > 0;
    const affected = (found as { proxies: Proxy[] }).proxies.filter(isAffected).map(({ name }) => name);
    if (affected.length > 0)
      this.#findings.push(`the proxies ${affected.join(', ')} were down or had toxics before the load began`);
    const sentBefore = new Map(netproxy.sent);
    this.#watched = [...this.#watched, { name: 'netproxy', port: netproxy, sentBefore, found, samples }];
  }

  /** Compares all configurations with those that the lab has set; call it before the lab sets others. */
  async compare(): Promise<void> {
    await Promise.all(
      this.#watched.map(async ({ name, port, found = port.configured }) => {
        const changed = found ? changedKeys(found, await port.config()) : [];
        if (changed.length > 0)
          this.#findings.push(`${name} has another ${changed.join(', ')} than the lab set`);
      }),
    );
  }

  /** Returns all findings; call it after the last scrape. */
  async end(): Promise<readonly string[]> {
    const counted = await Promise.all(this.#watched.map((each) => this.#changesOf(each)));
    return [...this.#findings, ...counted.flat()];
  }

  async #refuseFaults(name: string, port: Port): Promise<void> {
    const faults = JSON.parse(await port.request('GET', '/faults')) as { name: string }[];
    for (const fault of faults)
      this.#findings.push(`${name} was under the fault ${fault.name} before the load began`);
  }

  /** A restarted process has counted less than the lab has sent, so only a larger count is a finding. */
  async #changesOf({ name, port, sentBefore, samples }: Watched): Promise<string[]> {
    const counts = samples
      ? deltas([samples, await port.scrape([metric])])
      : (this.#counterDeltas().byProcess.get(name as ServiceProcess) ?? new Map<string, number>());
    const resources = [...counts.keys()].flatMap(
      (series) => new RegExp(`^${metric}{resource="(.*)"}$`).exec(series)?.[1] ?? [],
    );
    return resources.flatMap((resource) => {
      const own = (port.sent.get(resource) ?? 0) - (sentBefore.get(resource) ?? 0);
      const others = total(counts, metric, `resource="${resource}"`) - own;
      if (others <= 0 || harmless.has(resource)) return [];
      return [`${plural(others, 'call')} from elsewhere changed ${resource} of ${name}`];
    });
  }
}

interface Proxy {
  readonly name: string;
  readonly enabled: boolean;
  readonly toxics: readonly unknown[];
}
