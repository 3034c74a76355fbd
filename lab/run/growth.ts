import type { MetricName } from '#kit/metrics.ts';
import { type Controls, type Samples, total } from '#lab/control.ts';
import { type ServiceName, serviceNames } from '#lab/engine/testbed.ts';

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

/** Follows what all services count while a variant runs. */
export class Growth {
  readonly #controls: Controls;
  readonly #scrapes = Object.fromEntries(serviceNames.map((name) => [name, []])) as unknown as Record<
    ServiceName,
    Samples[]
  >;
  /** Those before which a service had stood still. */
  readonly #halted = new Set<Samples>();

  constructor(controls: Controls) {
    this.#controls = controls;
  }

  /** To be called at the beginning, before a process is killed or stands still, and at the end. */
  async scrape(names: readonly ServiceName[] = serviceNames, withinMs?: number): Promise<void> {
    await Promise.all(
      names.map(async (name) => this.#scrapes[name].push(await this.#controls[name].scrape([], withinMs))),
    );
  }

  /** To be called when a service that stood still goes on. */
  async resumed(name: ServiceName): Promise<void> {
    // An event loop may answer before it comes to the timers that are late, but not twice.
    await this.#controls[name].scrape();
    const samples = await this.#controls[name].scrape();
    this.#halted.add(samples);
    this.#scrapes[name].push(samples);
  }

  /** Since the first scrape, by service. */
  get grown(): Readonly<Record<ServiceName, Samples>> {
    return this.#byService((scrapes) => grown(scrapes));
  }

  /** The same without what a service counted from before it stood still until it had caught up. */
  get awake(): Readonly<Record<ServiceName, Samples>> {
    return this.#byService((scrapes) => grown(scrapes, this.#halted));
  }

  /** The highest that a service's gauge was at any scrape; null where there is no such gauge. */
  highest(service: ServiceName, gauge: MetricName): number | null {
    const values = this.#scrapes[service].flatMap((samples) => samples.get(gauge) ?? []);
    return values.length > 0 ? Math.max(...values) : null;
  }

  /** Services that are other processes than in the beginning. */
  get restarted(): readonly ServiceName[] {
    return serviceNames.filter((name) => wasRestarted(this.#scrapes[name]));
  }

  #byService(growth: (scrapes: readonly Samples[]) => Samples): Record<ServiceName, Samples> {
    return Object.fromEntries(serviceNames.map((name) => [name, growth(this.#scrapes[name])])) as Record<
      ServiceName,
      Samples
    >;
  }
}
