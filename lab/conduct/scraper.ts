import { whilePaused } from '#consumer/config.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import type { MetricName } from '#kit/metrics.ts';
import { storageReasons } from '#kit/process/storage.ts';
import type { Path } from '#kit/wire.ts';
import { CounterDeltas, type Scrape } from '#lab/evidence/counter-deltas.ts';
import type { Of } from '#lab/evidence/format.ts';
import { type Samples, total } from '#lab/evidence/samples.ts';
import { TestbedError } from '#lab/experiment/errors/testbed-error.ts';
import type { ServiceProcess } from '#lab/experiment/topology/names.ts';
import { servicesBefore } from '#lab/experiment/topology/paths.ts';
import { serviceOf } from '#lab/experiment/topology/replicas.ts';
import type { Control } from '#lab/world/control.ts';
import { type Controls, processesIn } from '#lab/world/controls.ts';

const failures = 'spillway_storage_failures_total';
const forgotten = 'spillway_effects_forgotten_total';

/** Metrics in each sample. A process has only some of them. */
const watched: readonly MetricName[] = [
  'spillway_work_in_flight',
  'spillway_retries_total',
  'spillway_breaker_state',
  'spillway_bulkhead_queued',
  'spillway_stream_messages',
  'spillway_dead_letter_messages',
];

/** Timeout of a sample. It is short, since a paused process delays the samples of all processes. */
const patienceMs = 250;

type Port = Pick<Control, 'scrape' | 'unready'>;
type Write = (record: Of<'scrape'> | Of<'sample'>) => void;

/**
 * Records metrics while a variant is conducted. At a fixed interval, samples a few metrics of the processes on the
 * path. On request, scrapes all metrics of all processes, so that counts can be compared. A process that doesn't
 * respond leaves a gap in the samples.
 */
export class Scraper {
  readonly scrapes: Scrape[] = [];
  /** Attempts in flight at downstream in the latest sample; undefined if none of its processes responded. */
  workInFlight: number | undefined;
  readonly #processes: ReadonlyMap<ServiceProcess, Port>;
  readonly #sampled: readonly ServiceProcess[];
  readonly #clock: Clock;
  readonly #record: Write;
  readonly #ending = new AbortController();
  #sampling: Promise<void> | undefined;

  constructor(controls: Controls, path: Path, clock: Clock, record: Write) {
    this.#processes = new Map(processesIn(controls));
    this.#sampled = [...servicesBefore[path], 'downstream' as const].flatMap((service) => [
      ...controls[service].processes.keys(),
    ]);
    this.#clock = clock;
    this.#record = record;
  }

  /** Samples every `everyMs` until `stop`. */
  begin(everyMs: number): void {
    this.#sampling = this.#sampleEvery(everyMs);
  }

  /** Ends the sampling. Resolves when the last sample is recorded. */
  async stop(): Promise<void> {
    this.#ending.abort();
    await this.#sampling;
  }

  /** Scrapes all metrics of the named processes. By default, these are all processes. */
  async scrape(
    names: readonly ServiceProcess[] = [...this.#processes.keys()],
    withinMs?: number,
  ): Promise<void> {
    await Promise.all(
      names.map(async (name) => this.#add(name, await this.#of(name).scrape([], withinMs), false)),
    );
  }

  /** Scrapes a process that has just continued after a pause. */
  async resumed(name: ServiceProcess): Promise<void> {
    const control = this.#of(name);
    // The first answer may come before the event loop has run its overdue timers, so the second one counts.
    await control.scrape();
    this.#add(name, await control.scrape(), true);
  }

  /**
   * Rejects with TestbedError if the measurement is useless by the scrapes until now:
   * - `disk-full` or `disk` if a service could not store something,
   * - `effects-forgotten` if downstream discarded effects.
   */
  async refuseUnstored(): Promise<void> {
    for (const [name, by] of new CounterDeltas(this.scrapes).byProcess) {
      const reason = storageReasons.find((each) => total(by, failures, `reason="${each}"`) > 0);
      if (reason) throw new TestbedError(reason, await this.#explain(name));
      if (total(by, forgotten) === 0) continue;
      const message = `${name} dropped effects of the run because its log was full: start it with a larger EFFECTS_BYTES_MAX, or 0 for no bound`;
      throw new TestbedError('effects-forgotten', message);
    }
  }

  async #sampleEvery(everyMs: number): Promise<void> {
    const { signal } = this.#ending;
    while (!signal.aborted) {
      const atMs = this.#clock.now();
      const answers = await this.#ask();
      const processes = [...answers].map(([name, samples]) => [name, samples && Object.fromEntries(samples)]);
      this.workInFlight = workIn(answers);
      this.#record({ record: 'sample', atMs, processes: Object.fromEntries(processes) });
      await sleep(everyMs, this.#clock, signal).catch(() => undefined);
    }
  }

  /** Returns the watched metrics of each process; null for a process that doesn't respond. */
  async #ask(): Promise<ReadonlyMap<ServiceProcess, Samples | null>> {
    const answers = this.#sampled.map(async (name) => {
      const answer = this.#of(name).scrape(watched, patienceMs);
      return [name, await answer.catch(() => null)] as const;
    });
    return new Map(await Promise.all(answers));
  }

  async #explain(name: ServiceProcess): Promise<string> {
    const why = await this.#of(name)
      .unready()
      .catch(() => undefined);
    // A service that the run has paused reports only its pause, not the reason.
    return why === undefined || why === whilePaused
      ? `${name} could not store something for a while`
      : `${name}: ${why}`;
  }

  #add(process: ServiceProcess, samples: Samples, afterHalt: boolean): void {
    this.scrapes.push({ process, samples, afterHalt });
    const counters = Object.fromEntries(samples);
    this.#record({ record: 'scrape', process, atMs: this.#clock.now(), afterHalt, counters });
  }

  #of(name: ServiceProcess): Port {
    const control = this.#processes.get(name);
    if (!control) throw new Error(`expected one of ${[...this.#processes.keys()].join(', ')}, got ${name}`);
    return control;
  }
}

function workIn(answers: ReadonlyMap<ServiceProcess, Samples | null>): number | undefined {
  const known = [...answers].flatMap(([name, samples]) =>
    serviceOf(name) === 'downstream' && samples ? total(samples, 'spillway_work_in_flight') : [],
  );
  return known.length > 0 ? known.reduce((sum, each) => sum + each) : undefined;
}
