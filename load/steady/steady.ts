import type { Static } from 'typebox';
import { type Clock, deadline, systemClock, type Timer, wallTime } from '#kit/clock.ts';
import type { Metrics } from '#kit/metrics.ts';
import { type Problem, within } from '#kit/schema/problems.ts';
import { integer, number, positive, Seed, strict } from '#kit/schema/schema.ts';
import { Type } from '#kit/schema/type.ts';
import { configParser, type ValidParts } from '#kit/schema/valid-parts.ts';
import type { Service, ServiceParts } from '#kit/service.ts';
import { addressesIn } from '#kit/urls.ts';
import { type DeliveryReport, type Path, paths } from '#kit/wire.ts';
import type { Completions } from '#load/completions.ts';
import { checkLoad, durationMs, Phase, phaseNames, planned, type Scheduled, schedule } from '#load/phases.ts';
import { httpConnections } from '#load/sending/connections.ts';
import { Ledger } from '#load/sending/ledger.ts';
import { pumpOf } from '#load/sending/pump.ts';
import type { Request } from '#load/sending/request.ts';
import { Sender } from '#load/sending/sender.ts';

interface SteadyParts extends Omit<ServiceParts, 'log'> {
  readonly targets: Readonly<Record<Path, string>>;
  readonly completions: Completions;
}

/**
 * Number of failures in a row after which a path counts as broken. Two bursts of the default load have fewer requests.
 * In its other phases, an outage causes this many failures within about 10 s.
 */
const failuresMax = 100;

const quiet: Phase = { name: 'quiet', arrivals: { kind: 'poisson', ratePerSecond: 10, forMs: 60_000 } };
const busy: Phase = {
  name: 'busy',
  arrivals: { kind: 'sine', meanPerSecond: 30, amplitudePerSecond: 20, periodMs: 30_000, forMs: 60_000 },
};
const bursts: Phase = {
  name: 'bursts',
  arrivals: { kind: 'bursts', total: 240, size: 40, everyMs: 5000, spreadMs: 200 },
};

const SteadyConfig = strict({
  seed: Seed('Determines the arrivals, which differ in each round.'),
  deadlineMs: positive(
    3_600_000,
    'From the scheduled time to the reported completion; longer is late.',
    2000,
  ),
  patienceMs: number(
    1000,
    3_600_000,
    'A request that has not ended this long after its scheduled time counts by its state then.',
    30_000,
  ),
  connections: integer(
    1,
    16_384,
    'On each path, and so the most requests in flight; a scheduled request beyond that is unsent.',
    256,
  ),
  phases: Type.Array(Phase, {
    default: [quiet, busy, bursts],
    minItems: 1,
    maxItems: 100,
    description: 'Phases, run one after another in a loop.',
  }),
});
type SteadyConfig = Static<typeof SteadyConfig>;

const parse = configParser(SteadyConfig, loadProblems);

/**
 * Builds the service that offers an endless load on both paths, with the same arrivals, to a testbed that a user
 * watches.
 */
export async function steady(parts: SteadyParts): Promise<Service> {
  const { metrics, targets, completions, clock = systemClock, initial = {} } = parts;
  let config = parse(initial);
  const failures = { rpc: failuresMax, event: failuresMax };
  const born = wallTime().getTime().toString(36);
  let starts = 0;
  let startedAtMs = 0;

  const begin = (config: SteadyConfig): Offering[] => {
    const start = `${born}.${starts++}`;
    startedAtMs = clock.now();
    return paths.map((path) => {
      const ended = (isOk: boolean) => {
        failures[path] = isOk ? 0 : failures[path] + 1;
      };
      return offer({ path, url: targets[path], prefix: `${path}-${start}-`, config, metrics, clock, ended });
    });
  };
  const end = () => Promise.all(offerings.map((offering) => offering.stop()));
  let offerings: Offering[] = [];
  // Subscribes once for all offerings, so that a new configuration doesn't need the broker.
  const stopListening = await completions.listen((report) => {
    for (const offering of offerings) offering.reported(report);
  });
  offerings = begin(config);

  metrics.gauge('spillway_load_deadline_seconds', () => config.deadlineMs / 1000);
  metrics.gauge('spillway_load_phase', function () {
    this.reset();
    const all = phaseNames(config.phases);
    for (const phase of all) this.set({ phase }, 0);
    // Set after all others, since two phases may have the same name.
    this.set({ phase: all[phaseAt(config.phases, clock.now() - startedAtMs)]! }, 1);
  });

  return {
    name: 'load',
    metrics,
    config: {
      schema: SteadyConfig,
      current: () => config,
      parse,
      async apply(next: SteadyConfig) {
        await end();
        offerings = begin(next);
        config = next;
      },
    },
    unready() {
      const broken = paths.filter((path) => failures[path] >= failuresMax).join(' and ');
      return broken ? `no recent request has succeeded on the path ${broken}` : undefined;
    },
    async stop() {
      await end();
      stopListening();
      await completions.close();
    },
  };
}

/**
 * Returns problems that the schema can't detect. A load without any request is refused, since `rounds` would loop
 * forever.
 */
function loadProblems({ phases, seed = 1 }: ValidParts<SteadyConfig>): Problem[] {
  if (!phases) return [];
  const problems = checkLoad(phases, seed);
  const known = phases.filter((phase) => phase !== undefined);
  if (problems.length === 0 && known.length === phases.length && planned(known, seed) === 0)
    problems.push({ pointer: '', message: 'expected at least one request in all phases, got none' });
  return within('/phases', problems);
}

interface OfferingParts {
  readonly path: Path;
  readonly url: string;
  /** Prefix of the request ids, different for each offering. */
  readonly prefix: string;
  readonly config: SteadyConfig;
  readonly metrics: Metrics;
  readonly clock: Clock;
  /** Called at the end of a request. `isOk` is true if the request was good. */
  readonly ended: (isOk: boolean) => void;
}

type Offering = ReturnType<typeof offer>;

/** Interval between checks for requests that have taken too long. */
const sweepEveryMs = 1000;
const stopMs = 3000;

/** Begins an endless load on one path. Counts its outcomes, and returns functions that receive reports and stop it. */
function offer({ path, url, prefix, config, metrics, clock, ended }: OfferingParts) {
  const offered = metrics.counter('spillway_load_offered_total');
  const count = outcomeCounter(metrics, path);
  const connections = httpConnections(addressesIn(url), config.connections);
  let emptied = () => {};
  let sweep: Timer;
  // The seeds of the paths differ, so that their traces differ.
  const seed = config.seed * 2 + (path === 'rpc' ? 0 : 1);
  const sender = new Sender({
    path,
    encode: connections.encoderOf({ path, url, seed }),
    connections,
    seed,
    clock,
    deadlineMs: config.deadlineMs,
    ledger: new Ledger(),
    first: () => pump.run(),
    ended(request) {
      count(request);
      ended(request.outcome === 'ok');
      if (sender.open === 0) emptied();
    },
  });
  const pump = pumpOf(clock, rounds(config.phases, config.seed), ({ index, scheduledAtMs }) => {
    offered.inc({ path });
    sender.send(`${prefix}${index}`, index, startAtMs + scheduledAtMs);
  });
  const sweepLater = () => {
    sweep = clock.after(sweepEveryMs, () => {
      sender.settle(clock.now() - config.patienceMs);
      sweepLater();
    });
  };
  const startAtMs = clock.now();
  pump.start(startAtMs);
  sweepLater();
  return {
    reported: (report: DeliveryReport) => path === 'event' && sender.reported(report),
    /** Stops offering. Resolves when all requests have ended, or after 3 s, even if some have not. */
    async stop(): Promise<void> {
      pump.stop();
      if (sender.open > 0) {
        const empty = new Promise<void>((resolve) => {
          emptied = resolve;
        });
        await deadline(empty, stopMs, clock).catch(() => undefined);
      }
      clock.cancel(sweep);
      sender.settle();
      connections.close();
    },
  };
}

function outcomeCounter(metrics: Metrics, path: Path): (request: Request) => void {
  const requests = metrics.counter('spillway_load_requests_total');
  const latency = metrics.histogram('spillway_load_latency_seconds');
  return ({ outcome, endedAtMs, scheduledAtMs }) => {
    requests.inc({ path, outcome: outcome! });
    if (outcome === 'ok' || outcome === 'late') latency.observe({ path }, (endedAtMs - scheduledAtMs) / 1000);
  };
}

/** Yields the requests of a load again and again. Each round has the next seed. */
export function* rounds(load: readonly Phase[], seed: number): Generator<Scheduled, never, undefined> {
  const roundMs = durationMs(load);
  let index = 0;
  for (let round = 0; ; round++) {
    for (const { scheduledAtMs } of schedule(load, seed + round))
      yield { index: index++, scheduledAtMs: round * roundMs + scheduledAtMs };
  }
}

/** Returns the index of the phase at `elapsedMs` after the start of the first round. */
export function phaseAt(load: readonly Phase[], elapsedMs: number): number {
  const lengths = load.map((phase) => durationMs([phase]));
  let leftMs = elapsedMs % durationMs(load);
  return lengths.findIndex((lengthMs) => {
    leftMs -= lengthMs;
    return leftMs < 0;
  });
}
