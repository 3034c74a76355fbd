import type { MetricName } from '#kit/metrics.ts';
import type { Control } from '#lab/control/control.ts';
import type { Controls } from '#lab/control/controls.ts';
import { type Samples, together, total } from '#lab/control/samples.ts';
import { serviceOf } from '#lab/engine/replicas.ts';
import { type ServiceName, type ServiceProcess, serviceNames } from '#lab/engine/testbed.ts';

/** How much everything grew over the scrapes of one process, in their order, but not up to those of `except`; what began anew counts from 0. */
export function grown(scrapes: readonly Samples[], except: ReadonlySet<Samples> = new Set()): Samples {
  const growth = new Map<string, number>();
  for (const [before, after] of pairs(scrapes)) {
    if (except.has(after)) continue;
    const isSame = startOf(before) === startOf(after);
    for (const [series, value] of after) {
      const earlier = isSame ? (before.get(series) ?? 0) : 0;
      growth.set(series, (growth.get(series) ?? 0) + value - earlier);
    }
  }
  return growth;
}

/** Whether the process was another one at a later scrape; then what the first did last was seen by nobody. */
const wasRestarted = (scrapes: readonly Samples[]): boolean => new Set(scrapes.map(startOf)).size > 1;

const startOf = (samples: Samples): number => total(samples, 'process_start_time_seconds');

const pairs = <T>(list: readonly T[]): [T, T][] => list.slice(1).map((later, index) => [list[index]!, later]);

/** Follows what all processes count while a variant runs. */
export class Growth {
  readonly #processes: ReadonlyMap<ServiceProcess, Followed>;
  /** Those before which a process had stood still. */
  readonly #halted = new Set<Samples>();

  constructor(controls: Controls) {
    const all = serviceNames.flatMap((service) => [...controls[service].processes]);
    this.#processes = new Map(all.map(([name, control]) => [name, { control, scrapes: [] }]));
  }

  /** To be called at the beginning, before a process is killed or stands still, and at the end. */
  async scrape(
    names: readonly ServiceProcess[] = [...this.#processes.keys()],
    withinMs?: number,
  ): Promise<void> {
    await Promise.all(
      names.map(async (name) => {
        const { control, scrapes } = this.#of(name);
        scrapes.push(await control.scrape([], withinMs));
      }),
    );
  }

  /** To be called when a process that stood still goes on. */
  async resumed(name: ServiceProcess): Promise<void> {
    const { control, scrapes } = this.#of(name);
    // An event loop may answer before it comes to the timers that are late, but not twice.
    await control.scrape();
    const samples = await control.scrape();
    this.#halted.add(samples);
    scrapes.push(samples);
  }

  /** Since the first scrape, by process. */
  get each(): ReadonlyMap<ServiceProcess, Samples> {
    return new Map([...this.#processes].map(([name, { scrapes }]) => [name, grown(scrapes)]));
  }

  /** The same of all processes of a service together. */
  get grown(): Readonly<Record<ServiceName, Samples>> {
    return this.#byService((scrapes) => grown(scrapes));
  }

  /** The same without what a process counted from before it stood still until it had caught up. */
  get awake(): Readonly<Record<ServiceName, Samples>> {
    return this.#byService((scrapes) => grown(scrapes, this.#halted));
  }

  /**
   * The highest that a service's gauge was at any scrape, of several processes together at most, since they need not have
   * been there at the same time; null where there is no such gauge.
   */
  highest(service: ServiceName, gauge: MetricName): number | null {
    const peaks = this.#scrapesOf(service).flatMap((scrapes) => {
      const values = scrapes.flatMap((samples) => samples.get(gauge) ?? []);
      return values.length > 0 ? Math.max(...values) : [];
    });
    return peaks.length > 0 ? peaks.reduce((sum, peak) => sum + peak) : null;
  }

  /** Those that are other processes than in the beginning. */
  get restarted(): readonly ServiceProcess[] {
    return [...this.#processes].flatMap(([name, { scrapes }]) => (wasRestarted(scrapes) ? name : []));
  }

  #of(name: ServiceProcess): Followed {
    const followed = this.#processes.get(name);
    if (!followed) throw new Error(`expected one of ${[...this.#processes.keys()].join(', ')}, got ${name}`);
    return followed;
  }

  #scrapesOf(service: ServiceName): Samples[][] {
    return [...this.#processes].flatMap(([name, { scrapes }]) =>
      serviceOf(name) === service ? [scrapes] : [],
    );
  }

  #byService(growth: (scrapes: readonly Samples[]) => Samples): Record<ServiceName, Samples> {
    return Object.fromEntries(
      serviceNames.map((service) => [service, together(this.#scrapesOf(service).map(growth))]),
    ) as Record<ServiceName, Samples>;
  }
}

/** A process, and what it said each time. */
interface Followed {
  readonly control: Pick<Control, 'scrape'>;
  readonly scrapes: Samples[];
}
