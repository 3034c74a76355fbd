import { systemClock, wallTime } from '#kit/clock.ts';
import { type Problem, within } from '#kit/schema/problems.ts';
import { configParser, type ValidParts } from '#kit/schema/valid-parts.ts';
import type { Service, ServiceParts } from '#kit/service.ts';
import { addressesIn, hostIn } from '#kit/urls.ts';
import { paths } from '#kit/wire.ts';
import type { Completions } from '#load/completions.ts';
import { checkLoad, phaseNames, planned } from '#load/phases.ts';
import { Connections } from '#load/sending/connections.ts';
import { SteadyConfig } from './config.ts';
import { Offering, phaseAt } from './offering.ts';

interface SteadyParts extends Omit<ServiceParts, 'log'> {
  readonly targets: { readonly rpc: string; readonly event: string };
  readonly completions: Completions;
}

/** Failures in a row after which a path is broken: those of some seconds, more than two bursts. */
const failuresMax = 100;

const parse = configParser(SteadyConfig, loadProblems);

/** Offers a load without end on both paths, with the same arrivals, for a testbed under observation. */
export async function steady({
  metrics,
  targets,
  completions,
  clock = systemClock,
  initial = {},
}: SteadyParts): Promise<Service> {
  let config = parse(initial);
  const failures = { rpc: failuresMax, event: failuresMax };
  const born = wallTime().getTime().toString(36);
  let starts = 0;
  let startedAtMs = 0;

  const begin = (next: SteadyConfig): Offering[] => {
    const start = `${born}.${starts++}`;
    const offerings = paths.map(
      (path) =>
        new Offering({
          path,
          host: hostIn(targets[path]),
          connections: new Connections(addressesIn(targets[path]), next.connections),
          prefix: `${path}-${start}-`,
          config: next,
          metrics,
          clock,
          ended: (isOk) => {
            failures[path] = isOk ? 0 : failures[path] + 1;
          },
        }),
    );
    startedAtMs = clock.now();
    for (const offering of offerings) offering.start();
    return offerings;
  };
  const end = () => Promise.all(offerings.map((offering) => offering.stop()));
  let offerings: Offering[] = [];
  // Once for all offerings, so that a new configuration does not need the broker.
  const stopListening = await completions.listen((report) => {
    for (const offering of offerings) offering.reported(report);
  });
  offerings = begin(config);

  metrics.gauge('spillway_load_deadline_seconds', () => config.deadlineMs / 1000);
  metrics.gauge('spillway_load_phase', function () {
    this.reset();
    const all = phaseNames(config.phases);
    for (const phase of all) this.set({ phase }, 0);
    // Last, since a name may occur twice.
    this.set({ phase: all[phaseAt(config.phases, clock.now() - startedAtMs)]! }, 1);
  });

  return {
    metrics,
    config: {
      current: () => config,
      parse,
      async apply(next: SteadyConfig) {
        await end();
        offerings = begin(next);
        config = next;
      },
    },
    unready() {
      const broken = paths.filter((path) => failures[path] >= failuresMax);
      return broken.length > 0
        ? `no recent request has succeeded on the path ${broken.join(' and ')}`
        : undefined;
    },
    async stop() {
      await end();
      stopListening();
      await completions.close();
    },
  };
}

/** Returns what the schema can't say. Rounds without requests would follow each other in an endless loop. */
function loadProblems({ phases, seed = 1 }: ValidParts<SteadyConfig>): Problem[] {
  if (!phases) return [];
  const problems = checkLoad(phases, seed);
  const known = phases.filter((phase) => phase !== undefined);
  if (problems.length === 0 && known.length === phases.length && planned(known, seed) === 0)
    problems.push({ pointer: '', message: 'expected at least one request in all phases, got none' });
  return within('/phases', problems);
}
