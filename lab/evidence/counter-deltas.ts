import type { MetricName } from '#kit/metrics.ts';
import { type ServiceName, type ServiceProcess, serviceNames } from '#lab/kit/topology/names.ts';
import { serviceOf } from '#lab/kit/topology/replicas.ts';
import { type Samples, together, total } from './samples.ts';

/** Counters of a process at one time. */
export interface Scrape {
  readonly process: ServiceProcess;
  readonly samples: Samples;
  /** True if a fault had stopped the process until this scrape. */
  readonly afterHalt: boolean;
}

/**
 * Returns the increase of each series over the scrapes of a process, which are ordered by time. Leaves out the increase
 * between a scrape in `except` and the scrape before it. After a restart of the process, its series start at 0 again.
 */
export function deltas(scrapes: readonly Samples[], except: ReadonlySet<Samples> = new Set()): Samples {
  const counterDeltas = new Map<string, number>();
  for (const [index, after] of scrapes.slice(1).entries()) {
    if (except.has(after)) continue;
    const before = scrapes[index]!;
    const isSame = startOf(before) === startOf(after);
    for (const [series, value] of after) {
      const earlier = isSame ? (before.get(series) ?? 0) : 0;
      counterDeltas.set(series, (counterDeltas.get(series) ?? 0) + value - earlier);
    }
  }
  return counterDeltas;
}

const startOf = (samples: Samples): number => total(samples, 'process_start_time_seconds');

/** Increases of all processes' counters while a variant ran. */
export class CounterDeltas {
  /** Scrapes by process, in the order of the services and their replicas. */
  readonly #processes: readonly (readonly [name: ServiceProcess, scrapes: readonly Samples[]])[];
  readonly #afterHalt: ReadonlySet<Samples>;

  constructor(scrapes: readonly Scrape[]) {
    const position = (name: ServiceProcess) => serviceNames.indexOf(serviceOf(name));
    this.#processes = [...Map.groupBy(scrapes, ({ process }) => process)]
      .map(([name, own]) => [name, own.map(({ samples }) => samples)] as const)
      .sort(([a], [b]) => position(a) - position(b) || a.localeCompare(b));
    this.#afterHalt = new Set(scrapes.flatMap(({ afterHalt, samples }) => (afterHalt ? samples : [])));
  }

  get byProcess(): ReadonlyMap<ServiceProcess, Samples> {
    return new Map(this.#processes.map(([name, scrapes]) => [name, deltas(scrapes)]));
  }

  get deltas(): Readonly<Record<ServiceName, Samples>> {
    const all = serviceNames.map((service) => {
      const own = this.#scrapesOf(service).map((scrapes) => deltas(scrapes));
      return [service, together(own)];
    });
    return Object.fromEntries(all) as Record<ServiceName, Samples>;
  }

  /** Returns the increases outside of halts, each from the scrape before it to the scrape after it. */
  awake(service: ServiceName): Samples {
    return together(this.#scrapesOf(service).map((scrapes) => deltas(scrapes, this.#afterHalt)));
  }

  /** Sums the highest values of the processes, which may be of different times. Null without such a gauge. */
  highest(service: ServiceName, gauge: MetricName): number | null {
    const values = this.#scrapesOf(service).map((scrapes) =>
      scrapes.flatMap((each) => each.get(gauge) ?? []),
    );
    const peaks = values.filter((each) => each.length > 0).map((each) => Math.max(...each));
    return peaks.length > 0 ? peaks.reduce((sum, peak) => sum + peak) : null;
  }

  /** Processes that restarted between scrapes. What they counted between their last scrape and the restart is lost. */
  get restarted(): readonly ServiceProcess[] {
    return this.#processes.flatMap(([name, scrapes]) => (new Set(scrapes.map(startOf)).size > 1 ? name : []));
  }

  #scrapesOf(service: ServiceName): (readonly Samples[])[] {
    return this.#processes.filter(([name]) => serviceOf(name) === service).map(([, scrapes]) => scrapes);
  }
}
