import { type Clock, deadline, type Timer } from '#kit/clock.ts';
import type { Metrics } from '#kit/metrics.ts';
import { addressesIn } from '#kit/urls.ts';
import type { DeliveryReport } from '#kit/wire.ts';
import { httpConnections } from '#load/sending/http-connections.ts';
import { Ledger } from '#load/sending/ledger.ts';
import { pumpOf } from '#load/sending/pump.ts';
import type { Request } from '#load/sending/request.ts';
import { Sender } from '#load/sending/sender.ts';
import type { Lane, SteadyConfig } from './config.ts';
import { rounds } from './rounds.ts';

interface OfferingParts {
  readonly lane: Lane;
  /** Returns the id of a request by its index through all rounds. */
  readonly idOf: (index: number) => string;
  readonly config: SteadyConfig;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly succeeded: () => void;
}

export type Offering = ReturnType<typeof offer>;

/** Interval between checks for requests that have taken too long. */
const sweepEveryMs = 1000;

/** Begins an endless load in one lane. Counts its outcomes, and returns functions that receive reports and stop it. */
export function offer({ lane, idOf, config, metrics, clock, succeeded }: OfferingParts) {
  const { name, path, url } = lane;
  const offered = metrics.counter('spillway_load_offered_total');
  const count = outcomeCounter(metrics, lane);
  const connections = httpConnections(addressesIn(url), config.connections);
  let emptied = () => {};
  let sweep: Timer;
  const sender = new Sender({
    path,
    encode: connections.encoderOf({ path, url, seed: config.seed }),
    connections,
    seed: config.seed,
    clock,
    deadlineMs: config.deadlineMs,
    ledger: new Ledger(),
    first: () => pump.run(),
    ended(request) {
      count(request);
      if (request.outcome === 'ok') succeeded();
      if (sender.open === 0) emptied();
    },
  });
  const startAtMs = clock.now();
  const pump = pumpOf(clock, rounds(config.phases, config.seed), ({ index, scheduledAtMs }) => {
    offered.inc({ path, lane: name });
    sender.send(idOf(index), index, startAtMs + scheduledAtMs);
  });
  const sweepLater = () => {
    sweep = clock.after(sweepEveryMs, () => {
      sender.settle(clock.now() - config.patienceMs);
      sweepLater();
    });
  };
  pump.start(startAtMs);
  sweepLater();
  return {
    reported: (report: DeliveryReport) => path === 'event' && sender.reported(report),
    /** Stops offering. Resolves when all requests have ended, or after `withinMs`, even if some have not. */
    async stop(withinMs: number): Promise<void> {
      pump.stop();
      if (sender.open > 0) {
        const empty = new Promise<void>((resolve) => {
          emptied = resolve;
        });
        await deadline(empty, withinMs, clock).catch(() => undefined);
      }
      clock.cancel(sweep);
      sender.settle();
      connections.close();
    },
  };
}

function outcomeCounter(metrics: Metrics, { name: lane, path }: Lane): (request: Request) => void {
  const requests = metrics.counter('spillway_load_requests_total');
  const latency = metrics.histogram('spillway_load_latency_seconds');
  return ({ outcome, endedAtMs, scheduledAtMs }) => {
    requests.inc({ path, lane, outcome: outcome! });
    if (outcome === 'ok' || outcome === 'late')
      latency.observe({ path, lane }, (endedAtMs - scheduledAtMs) / 1000);
  };
}
