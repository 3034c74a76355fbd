import type { Clock, Timer } from '#kit/clock.ts';
import type { Metrics } from '#kit/metrics.ts';
import type { DeliveryReport, Path } from '#kit/wire.ts';
import { durationMs, type Phase, type Scheduled, schedule } from '#load/phases.ts';
import type { Connections } from '#load/sending/connections.ts';
import { Ledger } from '#load/sending/ledger.ts';
import { Pump } from '#load/sending/pump.ts';
import type { Request } from '#load/sending/request.ts';
import { Sender } from '#load/sending/sender.ts';
import type { SteadyConfig } from './config.ts';

interface OfferingParts {
  readonly path: Path;
  readonly host: string;
  readonly connections: Connections;
  /** Start of ids; each offering has another. */
  readonly prefix: string;
  readonly config: SteadyConfig;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** Called at the end of a request; `isOk` is true if it had its effect in time. */
  readonly ended: (isOk: boolean) => void;
}

/** Interval of looks for requests that have taken too long. */
const sweepEveryMs = 1000;
const stopMs = 3000;

/** Offers a load to one path without end, and counts the outcomes, in memory that does not grow. */
export class Offering {
  readonly #parts: OfferingParts;
  readonly #sender: Sender;
  readonly #pump: Pump;
  #sweep: Timer;
  #emptied: (() => void) | undefined;
  #startAtMs = Number.NaN;

  constructor(parts: OfferingParts) {
    const { path, host, connections, prefix, config, metrics, clock } = parts;
    this.#parts = parts;
    const offered = metrics.counter('spillway_load_offered_total');
    const ended = endedIn(metrics, path);
    // The other path has other traces.
    const seed = config.seed * 2 + (path === 'rpc' ? 0 : 1);
    this.#sender = new Sender({
      path,
      host,
      connections,
      seed,
      clock,
      deadlineMs: config.deadlineMs,
      ledger: new Ledger(),
      first: () => this.#pump.run(),
      ended: (request) => {
        ended(request);
        parts.ended(request.outcome === 'ok');
        if (this.#sender.open === 0) this.#emptied?.();
      },
    });
    this.#pump = new Pump(clock, rounds(config.phases, config.seed), ({ index, scheduledAtMs }) => {
      offered.inc({ path });
      this.#sender.send(`${prefix}${index}`, index, this.#startAtMs + scheduledAtMs);
    });
  }

  start(): void {
    this.#startAtMs = this.#parts.clock.now();
    this.#pump.start(this.#startAtMs);
    this.#sweepLater();
  }

  reported(report: DeliveryReport): void {
    if (this.#parts.path === 'event') this.#sender.reported(report);
  }

  /** Stops offering. Resolves when all requests have ended, or 3 s later with the rest unfinished. */
  async stop(): Promise<void> {
    const { clock, connections } = this.#parts;
    this.#pump.stop();
    if (this.#sender.open > 0) {
      await new Promise<void>((resolve) => {
        const timer = clock.after(stopMs, resolve);
        this.#emptied = () => {
          clock.cancel(timer);
          resolve();
        };
      });
    }
    clock.cancel(this.#sweep);
    this.#sender.settle();
    connections.close();
  }

  #sweepLater(): void {
    const { clock, config } = this.#parts;
    this.#sweep = clock.after(sweepEveryMs, () => {
      this.#sender.settle(clock.now() - config.patienceMs);
      this.#sweepLater();
    });
  }
}

function endedIn(metrics: Metrics, path: string): (request: Request) => void {
  const requests = metrics.counter('spillway_load_requests_total');
  const latency = metrics.histogram('spillway_load_latency_seconds');
  return ({ outcome, endedAtMs, scheduledAtMs }) => {
    requests.inc({ path, outcome: outcome! });
    if (outcome === 'ok' || outcome === 'late') latency.observe({ path }, (endedAtMs - scheduledAtMs) / 1000);
  };
}

/** Repeats the requests of a load without end; each round has the next seed. */
export function* rounds(load: readonly Phase[], seed: number): Generator<Scheduled, never, undefined> {
  const roundMs = durationMs(load);
  let index = 0;
  for (let round = 0; ; round++) {
    for (const { scheduledAtMs } of schedule(load, seed + round))
      yield { index: index++, scheduledAtMs: round * roundMs + scheduledAtMs };
  }
}

/** Returns the index of the phase `elapsedMs` after the start of the first round. */
export function phaseAt(load: readonly Phase[], elapsedMs: number): number {
  const lengths = load.map((phase) => durationMs([phase]));
  let leftMs = elapsedMs % durationMs(load);
  return lengths.findIndex((lengthMs) => {
    leftMs -= lengthMs;
    return leftMs < 0;
  });
}
