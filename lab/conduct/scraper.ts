import { whilePaused } from '#consumer/config.ts';
import type { Backlog } from '#kit/broker/backlog.ts';
import { type Clock, sleep } from '#kit/clock.ts';
import type { MetricName } from '#kit/metrics.ts';
import { storageReasons } from '#kit/process/storage.ts';
import type { Path } from '#kit/wire.ts';
import { CounterDeltas, type Scrape } from '#lab/evidence/counter-deltas.ts';
import type { Of } from '#lab/evidence/format.ts';
import { type Samples, total } from '#lab/evidence/samples.ts';
import { TestbedError } from '#lab/kit/errors/testbed-error.ts';
import type { ServiceProcess } from '#lab/kit/topology/names.ts';
import { servicesBefore } from '#lab/kit/topology/paths.ts';
import { serviceOf } from '#lab/kit/topology/replicas.ts';
import { type ControlPort, type Controls, processesIn } from '#lab/world/controls.ts';

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

export type Scraper = ReturnType<typeof scraperOf>;

/**
 * Samples a few metrics of the processes on the path, with gaps where one doesn't respond. On request scrapes all
 * metrics, so that counts can be compared. `readBroker` tells the backlog while the consumer doesn't.
 */
export function scraperOf(
  controls: Controls,
  path: Path,
  clock: Clock,
  record: (record: Of<'scrape'> | Of<'sample'>) => void,
  readBroker?: (timeoutMs: number) => Promise<Pick<Backlog, 'messages'>>,
) {
  const scrapes: Scrape[] = [];
  const ports = new Map(processesIn(controls));
  const onPath = [...servicesBefore[path], 'downstream' as const].flatMap((service) => [
    ...controls[service].processes,
  ]);
  const ending = new AbortController();
  let sampling: Promise<void> | undefined;
  let workInFlight: number | undefined;

  async function sampleEvery(everyMs: number): Promise<void> {
    const { signal } = ending;
    while (!signal.aborted) {
      const atMs = clock.now();
      const answers = await Promise.all(
        onPath.map(async ([name, port]) => {
          const answer = port.scrape(watched, patienceMs);
          return [name, await answer.catch(() => null)] as const; // null for a process that doesn't respond
        }),
      );
      workInFlight = workIn(answers);
      const isSilent = answers.some(([name, samples]) => !samples && serviceOf(name) === 'consumer');
      const asked = isSilent ? await readBroker?.(patienceMs).catch(() => undefined) : undefined;
      const processes = answers.map(([name, samples]) => [name, samples && Object.fromEntries(samples)]);
      const backlog = asked && { backlog: asked.messages };
      record({ record: 'sample', atMs, processes: Object.fromEntries(processes), ...backlog });
      await sleep(everyMs, clock, signal).catch(() => undefined);
    }
  }

  function add(process: ServiceProcess, samples: Samples, afterHalt: boolean): void {
    scrapes.push({ process, samples, afterHalt });
    const counters = Object.fromEntries(samples);
    record({ record: 'scrape', process, atMs: clock.now(), afterHalt, counters });
  }

  return {
    scrapes,
    /** Attempts in flight at downstream in the latest sample; undefined if none of its processes responded. */
    get workInFlight() {
      return workInFlight;
    },
    begin(everyMs: number): void {
      sampling = sampleEvery(everyMs);
    },
    async stop(): Promise<void> {
      ending.abort();
      await sampling;
    },
    async scrape(names: Iterable<ServiceProcess> = ports.keys(), withinMs?: number): Promise<void> {
      const scrapeOne = async (name: ServiceProcess) => {
        const port = ports.get(name); // a server of the user has none
        if (port) add(name, await port.scrape([], withinMs), false);
      };
      await Promise.all(Array.from(names, scrapeOne));
    },
    /** Scrapes a process that has just continued after a pause. */
    async resumed(name: ServiceProcess): Promise<void> {
      const port = ports.get(name);
      if (!port) return;
      // The first answer may come before the event loop has run its overdue timers, so the second one counts.
      await port.scrape();
      add(name, await port.scrape(), true);
    },
    /** Rejects with TestbedError if a service could not store something, or downstream discarded effects. */
    async refuseUnstored(): Promise<void> {
      for (const [name, by] of new CounterDeltas(scrapes).byProcess) {
        const reason = storageReasons.find((each) => total(by, failures, `reason="${each}"`) > 0);
        if (reason) throw new TestbedError(reason, await explain(name, ports.get(name)!));
        if (total(by, forgotten) === 0) continue;
        const message = `${name} dropped effects of the run because its log was full: start it with a larger EFFECTS_BYTES_MAX, or 0 for no bound`;
        throw new TestbedError('effects-forgotten', message);
      }
    },
  };
}

async function explain(name: ServiceProcess, port: Pick<ControlPort, 'unready'>): Promise<string> {
  const why = await port.unready().catch(() => undefined);
  // A service that the run has paused reports only its pause, not the reason.
  return why === undefined || why === whilePaused
    ? `${name} could not store something for a while`
    : `${name}: ${why}`;
}

function workIn(answers: Iterable<readonly [ServiceProcess, Samples | null]>): number | undefined {
  const known = [...answers].flatMap(([name, samples]) =>
    serviceOf(name) === 'downstream' && samples ? total(samples, 'spillway_work_in_flight') : [],
  );
  return known.length > 0 ? known.reduce((sum, each) => sum + each) : undefined;
}
