import type { MetricName } from '#kit/metrics.ts';
import { type ServiceName, type ServiceProcess, serviceNames } from '#lab/topology/names.ts';
import { serviceOf } from '#lab/topology/replicas.ts';
import { type Samples, together, total } from './samples.ts';

/** Counters of a process at one moment. */
export interface Scrape {
  readonly process: ServiceProcess;
  readonly samples: Samples;
  /** True if a fault had stopped it until then. */
  readonly afterHalt: boolean;
}

/**
 * Returns the growth of each series over the scrapes of one process, oldest first. Growth up to a scrape in `except` is left
 * out. After a restart of the process, series count from 0.
 */
export function deltas(scrapes: readonly Samples[], except: ReadonlySet<Samples> = new Set()): Samples {
  const counterDeltas = new Map<string, number>();
  for (const [before, after] of pairs(scrapes)) {
    if (except.has(after)) continue;
    const isSame = startOf(before) === startOf(after);
    for (const [series, value] of after) {
      const earlier = isSame ? (before.get(series) ?? 0) : 0;
      counterDeltas.set(series, (counterDeltas.get(series) ?? 0) + value - earlier);
    }
  }
  return counterDeltas;
}

/** True if the process was restarted between scrapes: its last counts before that are lost. */
const wasRestarted = (scrapes: readonly Samples[]): boolean => new Set(scrapes.map(startOf)).size > 1;

const startOf = (samples: Samples): number => total(samples, 'process_start_time_seconds');

const pairs = <T>(list: readonly T[]): [T, T][] => list.slice(1).map((later, index) => [list[index]!, later]);

/** Growth of the counters of all processes while a variant ran. */
export class CounterDeltas {
  /** In the order of the services and their replicas. */
  readonly #processes: ReadonlyMap<ServiceProcess, readonly Samples[]>;
  readonly #afterHalt: ReadonlySet<Samples>;

  constructor(scrapes: readonly Scrape[]) {
    const position = (name: ServiceProcess) => serviceNames.indexOf(serviceOf(name));
    const byProcess = [...Map.groupBy(scrapes, ({ process }) => process)]
      .map(([name, own]) => [name, own.map(({ samples }) => samples)] as const)
      .sort(([a], [b]) => position(a) - position(b) || a.localeCompare(b));
    this.#processes = new Map(byProcess);
    this.#afterHalt = new Set(scrapes.flatMap(({ afterHalt, samples }) => (afterHalt ? samples : [])));
  }

  /** Growth since the first scrape, by process. */
  get byProcess(): ReadonlyMap<ServiceProcess, Samples> {
    return new Map([...this.#processes].map(([name, scrapes]) => [name, deltas(scrapes)]));
  }

  /** Growth by service. */
  get deltas(): Readonly<Record<ServiceName, Samples>> {
    return this.#byService((scrapes) => deltas(scrapes));
  }

  /** Growth by service, without that from the scrape before a halt until the one after it. */
  get awake(): Readonly<Record<ServiceName, Samples>> {
    return this.#byService((scrapes) => deltas(scrapes, this.#afterHalt));
  }

  /**
   * Returns the highest value of a gauge at any scrape, summed over the processes of a service, perhaps of different times;
   * null without such a gauge.
   */
  highest(service: ServiceName, gauge: MetricName): number | null {
    const peaks = this.#scrapesOf(service).flatMap((scrapes) => {
      const values = scrapes.flatMap((samples) => samples.get(gauge) ?? []);
      return values.length > 0 ? Math.max(...values) : [];
    });
    return peaks.length > 0 ? peaks.reduce((sum, peak) => sum + peak) : null;
  }

  get restarted(): readonly ServiceProcess[] {
    return [...this.#processes].flatMap(([name, scrapes]) => (wasRestarted(scrapes) ? name : []));
  }

  #scrapesOf(service: ServiceName): (readonly Samples[])[] {
    return [...this.#processes].flatMap(([name, scrapes]) => (serviceOf(name) === service ? [scrapes] : []));
  }

  #byService(counterDeltas: (scrapes: readonly Samples[]) => Samples): Record<ServiceName, Samples> {
    return Object.fromEntries(
      serviceNames.map((service) => [service, together(this.#scrapesOf(service).map(counterDeltas))]),
    ) as Record<ServiceName, Samples>;
  }
}
