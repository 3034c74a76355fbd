import type { Clock } from '#kit/clock.ts';
import type { Scrape } from '#lab/analysis/growth.ts';
import type { Control } from '#lab/control/control.ts';
import type { Controls } from '#lab/control/controls.ts';
import type { Samples } from '#lab/control/samples.ts';
import { type ServiceProcess, serviceNames } from '#lab/engine/testbed.ts';
import type { Of } from '#lab/evidence/format.ts';

/** Reads and records the metrics of all processes while a variant runs. */
export class Scraper {
  /** In the order of the answers. */
  readonly scrapes: Scrape[] = [];
  readonly #processes: ReadonlyMap<ServiceProcess, Pick<Control, 'scrape'>>;
  readonly #clock: Clock;
  readonly #record: (scrape: Of<'scrape'>) => void;

  constructor(controls: Controls, clock: Clock, record: (scrape: Of<'scrape'>) => void) {
    this.#processes = new Map(serviceNames.flatMap((service) => [...controls[service].processes]));
    this.#clock = clock;
    this.#record = record;
  }

  /** Scrapes processes, by default all: at the beginning, before a process is killed or stopped, and at the end. */
  async scrape(
    names: readonly ServiceProcess[] = [...this.#processes.keys()],
    withinMs?: number,
  ): Promise<void> {
    await Promise.all(
      names.map(async (name) => this.#add(name, await this.#of(name).scrape([], withinMs), false)),
    );
  }

  /** Scrapes a process that was stopped and goes on. */
  async resumed(name: ServiceProcess): Promise<void> {
    const control = this.#of(name);
    // An event loop may answer once before it runs the timers that are late.
    await control.scrape();
    this.#add(name, await control.scrape(), true);
  }

  #add(process: ServiceProcess, samples: Samples, afterHalt: boolean): void {
    this.scrapes.push({ process, samples, afterHalt });
    const counters = Object.fromEntries(samples);
    this.#record({ record: 'scrape', process, atMs: this.#clock.now(), afterHalt, counters });
  }

  #of(name: ServiceProcess): Pick<Control, 'scrape'> {
    const control = this.#processes.get(name);
    if (!control) throw new Error(`expected one of ${[...this.#processes.keys()].join(', ')}, got ${name}`);
    return control;
  }
}
