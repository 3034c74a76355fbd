import { serially, systemClock } from '#kit/clock.ts';
import type { Service, ServiceParts } from '#kit/service.ts';
import type { Completions } from '#load/completions.ts';
import { phaseNames } from '#load/phases.ts';
import { parseSteady, SteadyConfig } from './config.ts';
import { holdOf } from './hold.ts';
import { Tide, type TideParts } from './tide.ts';

interface SteadyParts extends ServiceParts, Omit<TideParts, 'clock'> {
  readonly completions: Pick<Completions, 'listen'>;
  /** Resolves with true if the work stream is empty. */
  readonly isEmpty: () => Promise<boolean>;
  /** Closes the connections to the broker. */
  readonly close: () => Promise<void>;
}

/** Number of failures in a row after which a lane counts as broken. */
const failuresMax = 100;
const stopMs = 3000;

/** Builds the service that offers an endless load in several lanes to a testbed that a user watches. */
export async function steady(parts: SteadyParts): Promise<Service> {
  const { metrics, lanes, completions, clock = systemClock, initial = {} } = parts;
  let config = parseSteady(initial);
  /** Failures in a row, by lane. A lane is missing before its first success. */
  const failures = new Map<string, number>();
  const tide = new Tide({ ...parts, clock }, (lane, isOk) => {
    if (isOk) failures.set(lane, 0);
    else if (failures.has(lane)) failures.set(lane, failures.get(lane)! + 1);
  });
  // Subscribes once, so that a new configuration doesn't need the broker.
  const stopListening = await completions.listen(tide.reported);
  const change = serially();
  const hold = holdOf({
    clock,
    still: () => change(() => tide.stop(config, config.patienceMs)),
    isDrained: async () => {
      if (!(await parts.isEmpty())) return false;
      await tide.purge();
      return true;
    },
    resume: () => change(() => tide.start(config)),
  });
  tide.start(config);

  metrics.gauge('spillway_load_deadline_seconds', () => config.deadlineMs / 1000);
  metrics.gauge('spillway_load_phase', function () {
    this.reset();
    const all = phaseNames(config.phases);
    for (const phase of all) this.set({ phase }, 0);
    const current = tide.phaseOf(config);
    // Set after all others, since two phases may have the same name.
    if (current !== undefined) this.set({ phase: all[current]! }, 1);
  });

  return {
    name: 'load',
    metrics,
    config: {
      schema: SteadyConfig,
      current: () => config,
      parse: parseSteady,
      apply: (next: SteadyConfig) =>
        change(async () => {
          await tide.stop(config, stopMs);
          config = next;
          if (!hold.isHeld()) tide.start(config);
        }),
    },
    unready() {
      const waiting = lanes.filter(({ name }) => !failures.has(name)).map(({ name }) => name);
      if (waiting.length > 0) return `no request has succeeded yet in ${waiting.join(' and ')}`;
      const isBroken = failures.values().every((count) => count >= failuresMax);
      return isBroken ? 'no recent request has succeeded in any lane' : undefined;
    },
    control: hold.routes,
    async stop() {
      hold.stop();
      await change(() => tide.stop(config, stopMs));
      stopListening();
      await parts.close();
    },
  };
}
